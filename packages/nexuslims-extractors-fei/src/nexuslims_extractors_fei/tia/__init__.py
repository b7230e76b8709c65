"""Files of TIA, the software of FEI's TEMs before Velox: ``.ser`` and ``.emi``.

A ``.ser`` holds the numbers of one signal (`series`, `signals`), of which is read what
is asked for (`elements`). The ``.emi`` beside it describes all signals of an
acquisition, as XML among binary data (`objects`); `fields` and `describe` make metadata
of that, and `extract` brings both together.

The layout of ``.ser`` is described by C. Boothroyd, "TIA .ser file format".
"""
