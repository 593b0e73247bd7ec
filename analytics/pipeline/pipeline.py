"""Sound → transcript, without queue or database: the workers and the command line do the same."""

from __future__ import annotations

from dataclasses import replace

from analytics.pipeline.speaker_roles import told_apart
from speech.audio.audio import Sound
from speech.audio.channels import distinct_channels
from speech.recognition.recognizer import Recognizer
from speech.recognition.words import Speaker, Transcript, Utterance


def transcribe_sound(sound: Sound, recognizer: Recognizer, *, agent_from: float | None = 0.0) -> Transcript:
    """Recognise each channel by itself and put the utterances in order of time; voices in one channel are told apart.

    Args:
        sound: Mono, or stereo with the same on both sides: speakers are told by their voices, or stay unknown. Stereo:
            the caller is left.
        recognizer: Of the language that is spoken.
        agent_from: Seconds from which the right channel is the agent's and no more the robot's; None: it is the
            robot's throughout. A recording that is not of our robot has an agent from the start.

    Raises:
        EngineError: the engine failed on the sound.
    """
    sound = distinct_channels(sound)
    utterances: list[Utterance] = []
    for channel in range(sound.channels):
        speaker = Speaker.CALLER if channel == 0 else Speaker.ROBOT if channel == 1 else Speaker.UNKNOWN
        if sound.channels == 1:
            speaker = Speaker.UNKNOWN
        for utterance in recognizer.recognize(sound.channel(channel), speaker=speaker, channel=channel):
            middle = (utterance.start + utterance.end) / 2
            is_agent = speaker is Speaker.ROBOT and agent_from is not None and middle >= agent_from
            utterances.append(replace(utterance, speaker=Speaker.AGENT) if is_agent else utterance)
    transcript = Transcript(
        language=recognizer.language,
        engine=recognizer.engine,
        duration=sound.duration,
        utterances=tuple(sorted(utterances, key=lambda said: (said.start, said.channel))),
    )
    return told_apart(transcript, sound) if sound.channels == 1 else transcript
