"""Files of Velox, the software of Thermo Fisher's TEMs: HDF5 with the ending ``.emd``.

Images and spectra are data sets, each with its metadata as JSON beside it (`contents`),
read when and as far as they are asked for (`arrays`). X-ray spectrum images are streams
of single counts; `streams` sums these up, because the array that they stand for may be
many times bigger than the file. `signals` says what is along the axes, `fields` what
the JSON means; `describe` makes metadata of it, and `extract` brings all together.
"""
