"""A camera's codes and troubles, brought to its lane."""

from reader_service.lane.camera_messages import Alive, CameraState, CodeSeen, Message, WorkerReady
from reader_service.lane.camera_process import CameraProcess, WorkerDied
from reader_service.lane.lane import Lane
from reader_service.settings import CameraSource, DecoderName
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason


class CameraLane:
    """Runs a lane's camera worker and tells the lane what it says."""

    def __init__(self, lane: Lane, source: CameraSource, decoders: tuple[DecoderName, ...]) -> None:
        self._lane = lane
        self.process = CameraProcess(source, decoders, self._hear)

    def start(self) -> None:
        """Start the worker."""
        self.process.start()

    def close(self) -> None:
        """End the worker."""
        self.process.close()

    def _hear(self, message: Message | WorkerDied) -> None:
        lane = self._lane
        with lane.going_on():
            match message:
                case CodeSeen(text, taken_at):
                    lane.present_code(text, taken_at)
                case CameraState(lost=True):
                    lane.report_fault(Reason.CAMERA_LOST, Medium.ECODE)
                case CameraState(lost=False):
                    lane.clear_fault(Reason.CAMERA_LOST)
                case WorkerDied():
                    # What was known of the camera died with it; the next worker looks anew.
                    lane.clear_fault(Reason.CAMERA_LOST)
                    lane.report_fault(Reason.DECODER_LOST, Medium.ECODE)
                case WorkerReady():
                    lane.clear_fault(Reason.DECODER_LOST)
                case Alive():
                    pass
