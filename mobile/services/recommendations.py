"""Recommendations: the list, and the switch that is off until its owner switches it on."""

from mobile.core.recommendation import RecommendationsSeen
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

FIRST = 5


class Recommendations(Remembered[RecommendationsSeen]):
    """Reads for the card on this phone; only who is signed in switches."""

    def __init__(
        self, holder: Holder, account: Account, store: WalletStore, time: CityTime
    ) -> None:
        super().__init__(
            holder,
            store.recommendations(),
            store.save_recommendations,
            store.forget_recommendations,
        )
        self._account = account
        self._time = time
        self._choosing = Act("ChooseRecommendations", lambda wire: bool(wire["personalised"]))

    async def read(self) -> Trouble | None:
        """Read the list and how the switch stands; where the phone is is not told."""
        answer = await self._holder.ask("Recommendations", {"near": None, "first": FIRST})
        now = self._time.now()
        seen = read_result(
            answer, "recommendations", lambda wire: RecommendationsSeen.told(wire, now)
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def choose(self, *, personalised: bool) -> Trouble | None:
        """Switch on or off, and read what follows of it."""
        done = await self._choosing.perform(self._account.ask, {"personalised": personalised})
        return done if isinstance(done, Trouble) else await self.read()
