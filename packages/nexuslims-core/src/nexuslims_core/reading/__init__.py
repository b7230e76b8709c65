"""What readers of vendor formats have in common: parts for extractors to use.

For authors of extractors, beside `nexuslims_core.types`:

* `findings`: numbers in text, and what a reader hands over;
* `tables`: settings that become metadata, as one table;
* `ini`, `markup`, `clock`: sections of keys, XML, dates and times, as microscopes write
  them;
* `tiff`, `tiff_image`: directories of TIFF files, and their image for a preview;
* `signals`: signals as the readers of the HyperSpy family describe them;
* `guard`: calling readers that raise anything.

Importing any of these modules imports no reader library.
"""
