"""The holder's examinations 考试: seats, and what to register for; kept as last seen.

A delegate reads and registers for the principal in front, of whom nothing is stored.
"""

from mobile.core.exam import ExamSeat, ExamsSeen, Standing
from mobile.core.exam_opening import ExamOpening, ExamVenue
from mobile.core.pending import PendingAct
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.venues import Venues
from mobile.services.wallet import WalletStore

REGISTER, WITHDRAW = "RegisterForExam", "WithdrawExamRegistration"


class Exams(Remembered[ExamsSeen]):
    """Reads and registers for the card on this phone without a sign-in, or for a principal."""

    def __init__(
        self,
        holder: Holder,
        store: WalletStore,
        venues: Venues,
        time: CityTime,
        pending: PendingActs,
    ) -> None:
        super().__init__(holder, store.exams(), store.save_exams, store.forget_exams)
        self._venues = venues
        self._time = time
        self._pending = pending
        self._registering = KeptAct(REGISTER, _opening, pending)
        self._withdrawing = KeptAct(WITHDRAW, _opening, pending)
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first act that may or may not have been done."""
        return next(iter(self._pending.unanswered(REGISTER, WITHDRAW)), None)

    async def read(self) -> Trouble | None:
        """Read the seats, what to register for, and where what is ahead is held.

        A venue that is not told spoils none; openings that are not leave those known before.
        """
        subject, before = self._holder.subject, self.known
        answer = await self._holder.ask("ExamSeats", {})
        seats = read_result(
            answer, "examSeats", lambda wire: tuple(map(ExamSeat.of_wire, wire["seats"]))
        )
        if isinstance(seats, Trouble):
            return seats
        openings = read_result(
            await self._holder.ask("ExamOpenings", {}),
            "examOpenings",
            lambda wire: tuple(map(ExamOpening.of_wire, wire["openings"])),
        )
        if self._holder.subject != subject:
            return UNREACHABLE
        known = before.openings if before else ()
        offered = known if isinstance(openings, Trouble) else openings
        held = {seat.venue for seat in seats}
        venues = before.venues if before else {}
        venues = {number: venue for number, venue in venues.items() if number in held}
        self._keep(ExamsSeen(seats, venues, self._time.now(), offered))
        await self._read_venues(subject, seats, venues)
        return openings if isinstance(openings, Trouble) else None

    async def register(self, session: str) -> ExamOpening | Trouble:
        """Register for a session, once however often it is sent."""
        return self._noted(await self._registering.perform(self._holder.ask, {"session": session}))

    async def withdraw(self, session: str) -> ExamOpening | Trouble:
        """Withdraw from it."""
        return self._noted(await self._withdrawing.perform(self._holder.ask, {"session": session}))

    async def send_again(self, act: PendingAct) -> ExamOpening | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        session = act.wish["session"]
        again = self.register if act.operation == REGISTER else self.withdraw
        return await again(session)

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    def _noted(self, changed: ExamOpening | Trouble) -> ExamOpening | Trouble:
        if isinstance(changed, ExamOpening) and self.known is not None:
            self._keep(self.known.with_opening(changed))
        return changed

    async def _read_venues(
        self, subject: str, seats: tuple[ExamSeat, ...], known: dict[int, ExamVenue]
    ) -> None:
        """Ask once for each venue of what is ahead: an address may change, a session may move."""
        now = self._time.now()
        ahead = {one.venue for one in seats if one.standing(now) is not Standing.OVER}
        venues = dict(known)
        for number in sorted(ahead):
            venue = await self._venues.venue(number)
            if not isinstance(venue, Trouble):
                venues[number] = ExamVenue(venue.name, venue.address)
        if venues != known and self._holder.subject == subject and self.known is not None:
            self._keep(ExamsSeen(seats, venues, now, self.known.openings))


def _opening(wire: Data) -> ExamOpening:
    return ExamOpening.of_wire(wire["opening"])
