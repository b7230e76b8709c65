"""Images of Zeiss SEMs and CrossBeams, as SmartSEM writes them.

The microscope's settings are text in a private tag (`source`, `settings`); what becomes
of it is in the tables of `fields` (`describe`).
"""
