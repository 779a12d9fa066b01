"""What all data sets share. A data set itself is one file in datasets/; a new one needs no line here.

    catalogue   the data sets that are there: ``load`` one by name, ``fetch`` its files, ``describe`` it
    dataset     the form that all have: ``Dataset``, ``Info``
    files       where files are looked for, and how they are downloaded
    idx         the files of MNIST and of its relatives
    written     what is written and must not be lost: moved aside; a folder for one process alone
    drawn       drawn images, kept in the cache
    sealed      what is kept there, with a checksum
    unpack      compressed and damaged files: bounded, and one error
    images      images brought to another size, flipped, turned; edges

May use ``tasks`` (where the content is).
"""

from harness.data.catalogue import describe, fetch, load, module, names
from harness.data.dataset import DataError, Dataset, Info
from harness.data.images import augment, with_edges

__all__ = ["DataError", "Dataset", "Info", "augment", "describe", "fetch", "load", "module", "names", "with_edges"]
