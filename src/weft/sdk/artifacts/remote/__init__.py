"""Files that artifacts refer to and that are kept elsewhere, by the kind of their address.

contract    what all stores do
stores      which store an address is in
web         `https://` and `http://`
buckets     `s3://` and `gs://`, with obstore
"""
