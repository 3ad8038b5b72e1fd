"""The shapes that client, server and browser share. No I/O.

A call of `log()` becomes a `record.Row`; everything else that a run says about itself is one of
the other records of `record`. `ids` checks names, `limits` holds every size limit with its reason,
`value` sorts values into the four kinds that the store knows, `merge` says whose change wins,
`states` what a run can be.
"""
