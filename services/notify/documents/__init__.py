"""What notify stores. The modules of this package are the only ones that import mongoengine.

mongoengine describes documents, checks them before they are stored and makes the indexes; every change that has to be
atomic is one update on the collection, in the modules beside.
"""
