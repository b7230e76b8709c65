"""Images of helium ion microscopes: Zeiss Orion, and any that Fibics software took.

Both write XML into a private tag (`source`), each in its own way (`zeiss_xml`,
`fibics_xml`); what becomes of it is in the tables of `fields`.
"""
