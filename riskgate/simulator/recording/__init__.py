"""Sessions with a real TWS kept in a file, and played back without one.

Rule 1: a proxy changes no byte of what it passes on, but for the highest version in the hello.
Rule 2: what names a person or a strategy is masked before it is written, always the same way.
Rule 3: a recording is text, one JSON object a line; docs/simulator-recordings.md says which.
"""

from riskgate.simulator.recording.choice import Taping, taping
from riskgate.simulator.recording.player import replay
from riskgate.simulator.recording.proxy import record
from riskgate.simulator.recording.tape import RecordingError

__all__ = ["RecordingError", "Taping", "record", "replay", "taping"]
