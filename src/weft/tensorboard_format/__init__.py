"""TensorBoard's event files: their records, and what the events in them hold. No tensorboard.

`framing` reads the records of a file that may still grow, `decoding` makes an `Event` of each,
whose values are those of `values`; `tensors` has the numbers of a tensor.
"""
