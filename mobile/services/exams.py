"""The holder's seats in examinations 考试, kept as last seen; registering is the department's."""

from mobile.core.exam import ExamSeat, ExamsSeen, ExamVenue, Standing
from mobile.core.trouble import Trouble
from mobile.services.answers import read_result
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.remembered import Remembered
from mobile.services.venues import Venues
from mobile.services.wallet import WalletStore


class Exams(Remembered[ExamsSeen]):
    """Reads for the card on this phone; it needs no sign-in."""

    def __init__(self, holder: Holder, store: WalletStore, venues: Venues, time: CityTime) -> None:
        super().__init__(holder, store.exams(), store.save_exams, store.forget_exams)
        self._venues = venues
        self._time = time

    async def read(self) -> Trouble | None:
        """Read the seats, and where those ahead are held; a venue that is not told spoils none."""
        answer = await self._holder.ask("ExamSeats", {})
        seats = read_result(
            answer, "examSeats", lambda wire: tuple(map(ExamSeat.of_wire, wire["seats"]))
        )
        if isinstance(seats, Trouble):
            return seats
        before = self.known.venues if self.known else {}
        held = {seat.venue for seat in seats}
        venues = {number: venue for number, venue in before.items() if number in held}
        self._keep(ExamsSeen(seats, venues, self._time.now()))
        await self._read_venues(seats, venues)
        return None

    async def _read_venues(self, seats: tuple[ExamSeat, ...], known: dict[int, ExamVenue]) -> None:
        """Ask once for each venue of what is ahead: an address may change, a session may move."""
        now = self._time.now()
        ahead = {one.venue for one in seats if one.standing(now) is not Standing.OVER}
        venues = dict(known)
        for number in sorted(ahead):
            venue = await self._venues.venue(number)
            if not isinstance(venue, Trouble):
                venues[number] = ExamVenue(venue.name, venue.address)
        if venues != known and self.own_in_front:
            self._keep(ExamsSeen(seats, venues, now))
