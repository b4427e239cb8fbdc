"""What a question's answer means, in the words of whoever stands at the stimulator.

The list of questions keeps the words of its reference, which the engine and the tests hold it to. Where these carry keys of
sources, ids of protocols or the shorthand of whoever wrote them, people are shown this instead. It changes no rule.
"""

from collections.abc import Mapping
from typing import Final

from emscontrol.clinic.screening.load import shipped_rules

PLAIN: Final[Mapping[str, str]] = {
    "CHEST_WALL": "This program gives nothing through pads on the chest.",
    "HF_SURGERY": "Burns, or an output that is not steady. Keep 1.5 m away: the manuals say 1 m or 1.5 m.",
    "PREGNANCY": "Nobody has shown that it is safe. Several manuals exclude pregnancy altogether; others allow the limbs, and "
    "never the abdomen.",
    "DVT": "A contraction may loosen the clot. A scan comes first. Stimulation against clots is for preventing them only.",
    "CANCER": "Not over or near a tumour. In palliative care it is possible where the patient consents.",
    "EPILEPSY": "Nobody knows what stimulation does to seizures. Where they are well controlled: on a limb only, and the "
    "therapist stays in the room.",
    "HERNIA": "Contractions of the abdomen raise the pressure on the hernia.",
    "SKIN": "Move the pad, or wait. Broken skin conducts well, so the current gathers there and burns.",
    "ULCER": "Use whole skin at least 5 cm away.",
    "SENSATION": "The patient may not feel a burn, and cannot warn you. This channel gets 60 % at most of what would be "
    "allowed. Look at the skin after 2 minutes and every 5 minutes from then on; nobody sits on the pads. After a spinal cord "
    "injury this has to be asked.",
    "COGNITION": "A second person is present; set limits that can be measured; stop at a grimace.",
    "OBESITY_OEDEMA": "It takes more current for less contraction; look at the current density.",
    "LMN": "Short pulses will not make it contract. Have somebody look at it who knows muscles without their nerve.",
    "DENERV_DEV": "This stimulator, or its limits, do not allow pulses of 10 to 200 ms.",
    "AD_T6": "Up to 90 of 100 may get autonomic dysreflexia. Measure the blood pressure before, and every 5 minutes in the "
    "first 3 sessions. Stop when the systolic pressure rises by 20 (15 in children), or at headache, flushing, sweat above the "
    "injury, goose-flesh or a slow pulse: sit the patient up, loosen clothes, and look for bladder, bowel or pad as the cause.",
    "DYSAESTH": "It may get worse: stop when pain rises by 2 on the scale of 0 to 10.",
    "ALS": "Low intensity only, and the neurologist agrees; sources disagree whether at all. Stop when function is lost.",
    "MYOPATHY": "Creatine kinase (CK) before and after 48 hours; have the heart checked. Duchenne: nothing of high intensity.",
    "RHABDO": "In the first session 10 contractions or 10 minutes at most, and no exertion; creatine kinase (CK) after 48 "
    "hours. Dark urine or severe pain is an emergency.",
    "ICU_UNSTABLE": "Contractions are poor with oedema or with drugs that raise the blood pressure.",
}
"""By rule; the others are plain as they are."""

_OVERRIDES: Final = {"as CAROTID": "certified speech-language therapist, dysphagia protocol only"}


def tell(rule: str) -> str:
    """What a rule means, in plain words. Raises KeyError for a rule that is none."""
    found = shipped_rules().rule(rule)
    if found is None:
        raise KeyError(rule)
    return PLAIN.get(rule, found.tell)


def in_plain_words(text: str) -> str:
    """A text with what it has of the list's own words in plain ones, and without the keys of sources behind a reason."""
    for rule in shipped_rules().rules:
        sources = f" [{', '.join(rule.sources)}]"
        text = text.replace(f"{rule.tell}{sources}", rule.tell)
        if rule.id in PLAIN:
            text = text.replace(rule.tell, PLAIN[rule.id])
    for said, meant in _OVERRIDES.items():
        text = text.replace(said, meant)
    return text
