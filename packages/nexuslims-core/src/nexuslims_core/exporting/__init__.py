"""What export destinations have in common: parts for their packages to use.

For authors of destinations, beside `nexuslims_core.types` and `nexuslims_core.http`:

* `references`: the files that a record refers to;
* `text`: foreign text and addresses, made fit to be stored and shown;
* `times`, `summary`: times on the instrument's clock, a session in a few facts;
* `names`: digests, and names that no system can give a file;
* `folder`: a folder that a destination writes to;
* `calls`: calls to a repository, and what is not known when a reply is lost.
"""
