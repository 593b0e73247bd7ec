"""Sound files of every kind, made as they are needed."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np


def encoded(path: Path, *, codec: str, rate: int, channels: int, seconds: float, hertz: float = 440) -> Path:
    """Write a tone; the kind of file goes by the ending of ``path``."""
    wave = (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w") as box:
        stream = box.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, channels)[None, :], format="s16", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            box.mux(packet)
    return path
