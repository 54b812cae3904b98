"""Every view model of the app, in one hand."""

from dataclasses import dataclass

from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.data_use import DataUseModel
from mobile.viewmodels.devices import DevicesModel
from mobile.viewmodels.enrol import EnrolModel
from mobile.viewmodels.help import HelpModel
from mobile.viewmodels.me import MeModel
from mobile.viewmodels.place import PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.sign_in import SignInModel
from mobile.viewmodels.wallet import WalletModel


@dataclass(frozen=True, slots=True)
class Models:
    """What the screens are drawn from."""

    preferences: PreferencesModel
    place: PlaceModel
    enrol: EnrolModel
    sign_in: SignInModel
    code: CodeModel
    wallet: WalletModel
    me: MeModel
    devices: DevicesModel
    data_use: DataUseModel
    help: HelpModel
