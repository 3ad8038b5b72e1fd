"""Exports and imports a whole project as one open file. Format: `docs/archive-format.md`.

export      streams a frozen state as a zip         (history_out: rows to Parquet)
opening     validates an untrusted zip
importing   imports an archive, all or nothing      (history_in: Parquet to rows; runs_in,
                                                    artifacts_in, sweeps_in, reports_in: the lists)
checking    checks an archive that was just written
"""

from weft.server.services.archive.checking import check_archive
