"""When: from a plan to the days and hours at which it takes place.

wall_time    the clinic's clock and UTC, where the clock jumps too; pure
opening      is the clinic open then? pure;  hours: opening hours and holidays in the book
recurrence   from "three a week" to days and hours (RFC 5545); pure
rest         how far apart two sessions of one muscle must be; pure
conflicts    every reason why an appointment cannot be, as a table; pure
placing      a whole plan put between what is there; pure
status       booked, done, missed, cancelled, and what leads from one to the other
around       the rows that an appointment could collide with, locked so that nobody books the same at once
preview      what would come of booking a plan or of moving an appointment;  between: those of a stretch of days
numbering    which session of its plan an appointment is
booking      one, or a whole plan;  changing: moved, cancelled, missed
renewing     what is still to come, booked anew by another rhythm
waiting      who would take a slot that becomes free
calendar     iCalendar;  subscription: the file that a calendar program reads
"""
