"""Measures the training process, the machine and its devices, in the sidecar.

`sampler` measures what answers at once, by the `settings`: the `process` tree, the `machine` and
its `disks`, within the limits of a container (`cgroup`). What can hang is measured by a child
process, `device_process`, which `devices` starts and asks: GPUs of NVIDIA (`nvidia`, by `nvml`)
and AMD (`amd`), file systems that the user names, and `openmetrics` endpoints, whose text
`exposition` reads. Each of these is a `source`.
"""
