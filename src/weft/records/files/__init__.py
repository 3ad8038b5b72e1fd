"""Files of runs and artifacts: paths, the manifest of a version, kinds of media. No I/O."""
