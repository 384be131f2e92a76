from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from laurel.core.errors import BadField, BadSignature, LaurelError, Malformed, Nothing, UnknownMember, WrongWorld
from laurel.core.record import World
from laurel.core.roster import Card, fingerprint, open_card, sign_card
from laurel.node.home import keys
from laurel.node.home.compact import BadCompact, load_compact
from laurel.node.home.keys import (
    BadKeyFile,
    KeyChanged,
    KeyTaken,
    NodeExists,
    NoSuchWorld,
    OlderCard,
    OwnCard,
    WorldExists,
)
from laurel.node.home.layout import Layout, Settings, write_settings
from laurel.node.home.nkey import is_public_user_key, is_user_seed, public_user_key, user_seed

NOW = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
LIVE = World("camp-david")
PLAY = World("camp-david", "freedom-27")


def settings(member: str, port: int = 4222) -> Settings:
    return Settings(member, f"Node of {member}", "camp-david", "127.0.0.1", 8080, port)


def make(folder: Path, member: str) -> Layout:
    layout = Layout(folder / member)
    keys.init_node(layout, settings(member), NOW)
    return layout


@pytest.fixture
def usa(tmp_path: Path) -> Layout:
    return make(tmp_path, "USA")


@pytest.fixture
def jpn(tmp_path: Path) -> Layout:
    return make(tmp_path, "JPN")


def offered(layout: Layout, world: World = LIVE) -> bytes:
    return keys.card(layout, world, NOW)


def altered(layout: Layout, **changes: object) -> bytes:
    """A card that this node itself signed, but with other things in it."""
    return sign_card(replace(open_card(offered(layout)), **changes), keys.signing_key(layout, LIVE))


def files(layout: Layout) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in layout.folder.rglob("*") if path.is_file()}


def test_two_members_become_peers_by_one_file_each_way(usa: Layout, jpn: Layout) -> None:
    there = keys.admit_card(usa, LIVE, offered(jpn))
    keys.admit_card(jpn, LIVE, offered(usa))
    assert fingerprint(there) == fingerprint(open_card(offered(jpn)))
    assert keys.load_roster(usa, LIVE).peers == ("JPN",)
    assert keys.load_roster(jpn, LIVE).members == ("JPN", "USA")
    assert keys.load_roster(jpn, LIVE).entitled == {"JPN", "KOR", "USA"}
    assert there.key.public_bytes_raw() == keys.signing_key(jpn, LIVE).public_key().public_bytes_raw()


def test_a_node_is_made_once_and_keeps_its_keys(usa: Layout) -> None:
    before = files(usa)
    with pytest.raises(NodeExists):
        keys.init_node(usa, settings("USA"), NOW)
    with pytest.raises(WorldExists):
        keys.make_world(usa, LIVE, NOW)
    assert files(usa) == before


def test_a_making_that_broke_off_is_made_again(usa: Layout) -> None:
    usa.settings.unlink()
    keys.init_node(usa, settings("USA"), NOW)
    assert keys.worlds(usa) == (LIVE,)


def test_secrets_are_for_their_owner_alone(usa: Layout) -> None:
    secret = [path for path in usa.folder.rglob("*") if path.suffix in {".key", ".nk"}]
    assert len(secret) == 7
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secret)


def test_a_country_outside_the_compact_has_no_node_in_it(tmp_path: Path) -> None:
    with pytest.raises(BadField, match="JPN, KOR, USA"):
        keys.init_node(Layout(tmp_path), settings("FRA"), NOW)
    with pytest.raises(Nothing, match="camp-david"):
        keys.init_node(Layout(tmp_path), replace(settings("USA"), compact="nowhere"), NOW)
    assert not list(tmp_path.iterdir())


def test_an_exercise_has_keys_of_its_own(usa: Layout, jpn: Layout) -> None:
    for layout in (usa, jpn):
        keys.make_world(layout, PLAY, NOW)
    assert keys.worlds(usa) == (LIVE, PLAY)
    assert open_card(offered(usa)).signing_key != open_card(offered(usa, PLAY)).signing_key
    assert open_card(offered(usa)).nats_key != open_card(offered(usa, PLAY)).nats_key
    keys.admit_card(usa, PLAY, offered(jpn, PLAY))
    assert keys.load_roster(usa, PLAY).peers == ("JPN",)
    assert keys.load_roster(usa, LIVE).peers == ()


def test_a_card_of_one_world_is_refused_in_another(usa: Layout, jpn: Layout) -> None:
    keys.make_world(jpn, PLAY, NOW)
    with pytest.raises(WrongWorld):
        keys.admit_card(usa, LIVE, offered(jpn, PLAY))


def test_our_own_card_is_for_the_others(usa: Layout) -> None:
    with pytest.raises(OwnCard):
        keys.admit_card(usa, LIVE, offered(usa))


def test_a_member_that_made_new_keys_must_call_first(usa: Layout, jpn: Layout, tmp_path: Path) -> None:
    keys.admit_card(usa, LIVE, offered(jpn))
    again = make(tmp_path / "again", "JPN")
    with pytest.raises(KeyChanged, match="compare fingerprints"):
        keys.admit_card(usa, LIVE, offered(again))
    assert keys.load_roster(usa, LIVE).cards["JPN"] == open_card(offered(jpn))
    keys.expel_member(usa, LIVE, "JPN")
    keys.admit_card(usa, LIVE, offered(again))
    assert keys.load_roster(usa, LIVE).cards["JPN"] == open_card(offered(again))


def test_a_member_that_moved_is_followed_but_never_back(usa: Layout, jpn: Layout) -> None:
    first = offered(jpn)
    keys.admit_card(usa, LIVE, first)
    keys.admit_card(usa, LIVE, first)
    write_settings(jpn, settings("JPN", port=4333))
    moved = keys.card(jpn, LIVE, NOW + timedelta(days=1))
    assert keys.card(jpn, LIVE, NOW + timedelta(days=2)) == moved
    assert keys.admit_card(usa, LIVE, moved).address == "127.0.0.1:4333"
    with pytest.raises(OlderCard):
        keys.admit_card(usa, LIVE, first)


def test_only_members_of_the_compact_are_admitted(usa: Layout, jpn: Layout) -> None:
    with pytest.raises(UnknownMember, match="FRA"):
        keys.admit_card(usa, LIVE, altered(jpn, member="FRA"))


def test_a_key_has_one_owner(usa: Layout, jpn: Layout, tmp_path: Path) -> None:
    kor = make(tmp_path, "KOR")
    keys.admit_card(usa, LIVE, offered(jpn))
    taken = open_card(offered(jpn)).nats_key
    local = keys.local_key(usa, LIVE)
    for nats_key in (taken, local, open_card(offered(usa)).nats_key):
        with pytest.raises(KeyTaken):
            keys.admit_card(usa, LIVE, altered(kor, nats_key=nats_key))
    assert keys.load_roster(usa, LIVE).peers == ("JPN",)


@pytest.mark.parametrize(
    "changes",
    [
        {"nats_key": 'U" }, users: ['},
        {"nats_key": "U" + "A" * 55},
        {"address": "127.0.0.1:4222, nats://elsewhere:1"},
        {"address": "nowhere"},
        {"tls_authority": ""},
        {"tls_authority": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
        {"name": "\x1b[2J"},
        {"name": "x" * 40_000},
        {"signing_key": b"short"},
    ],
)
def test_a_card_that_carries_nonsense_changes_nothing(usa: Layout, jpn: Layout, changes: dict[str, object]) -> None:
    before = files(usa)
    with pytest.raises((Malformed, BadSignature)):
        keys.admit_card(usa, LIVE, altered(jpn, **changes))
    assert files(usa) == before


def test_a_certificate_that_is_no_authority_is_not_trusted(usa: Layout, jpn: Layout) -> None:
    with pytest.raises(Malformed, match="may not sign"):
        keys.admit_card(usa, LIVE, altered(jpn, tls_authority=jpn.server_certificate.read_text()))


@given(at=st.integers(0, 3_000), to=st.integers(0, 255))
def test_a_card_altered_anywhere_is_refused_or_the_same(
    tmp_path_factory: pytest.TempPathFactory, at: int, to: int
) -> None:
    usa, file = _usa_and_a_card(tmp_path_factory)
    at %= len(file)
    changed = file[:at] + bytes((to,)) + file[at + 1 :]
    try:
        admitted = keys.admit_card(usa, LIVE, changed)
    except LaurelError:
        return
    assert admitted == open_card(file)


_MADE: dict[str, tuple[Layout, bytes]] = {}


def _usa_and_a_card(factory: pytest.TempPathFactory) -> tuple[Layout, bytes]:
    if not _MADE:
        folder = factory.mktemp("nodes")
        _MADE["both"] = make(folder, "USA"), offered(make(folder, "JPN"))
    return _MADE["both"]


def test_a_card_signed_by_another_is_refused(usa: Layout, jpn: Layout) -> None:
    forged: Card = open_card(offered(jpn))
    with pytest.raises(BadSignature):
        keys.admit_card(usa, LIVE, sign_card(forged, Ed25519PrivateKey.generate()))


def test_a_damaged_key_or_card_is_named(usa: Layout, jpn: Layout) -> None:
    keys.admit_card(usa, LIVE, offered(jpn))
    place = usa.world(LIVE)
    place.card("JPN").rename(place.card("KOR"))
    with pytest.raises(BadKeyFile, match=r"KOR\.card"):
        keys.load_roster(usa, LIVE)
    place.signing_key.write_bytes(b"")
    with pytest.raises(BadKeyFile, match=r"signing\.key"):
        keys.signing_key(usa, LIVE)
    place.peer_seed.write_text("SUAAA")
    with pytest.raises(BadKeyFile, match=r"peer\.nk"):
        keys.credentials(usa, LIVE)
    with pytest.raises(NoSuchWorld, match="freedom-27"):
        keys.load_roster(usa, PLAY)


# Made with the nkeys reference implementation.
NKEYS = [
    (
        bytes(32),
        "SUAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEQ",
        "UA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCTYM5",
    ),
    (
        bytes(range(32)),
        "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y",
        "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK",
    ),
    (
        b"\xff" * 32,
        "SUAP777777777777777777777777777777777777777777777777775UUA",
        "UB3KCWJAISTOJ5IREZN4U45GATMQWBJJ2HPWAK7DBIM2SJLWMDI7LRYD",
    ),
]


@pytest.mark.parametrize(("secret", "seed", "public"), NKEYS)
def test_nats_keys_are_written_as_the_reference_writes_them(secret: bytes, seed: str, public: str) -> None:
    assert user_seed(secret) == seed
    assert public_user_key(seed) == public
    assert is_user_seed(seed)
    assert is_public_user_key(public)


@given(
    secret=st.binary(min_size=32, max_size=32),
    at=st.integers(1, 55),
    to=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
)
def test_a_mistyped_nats_key_is_noticed(secret: bytes, at: int, to: str) -> None:
    public = public_user_key(user_seed(secret))
    assert is_public_user_key(public)
    mistyped = public[:at] + to + public[at + 1 :]
    assert is_public_user_key(mistyped) == (mistyped == public)


def test_the_compact_names_its_members() -> None:
    compact = load_compact("camp-david")
    assert compact.codes == {"JPN", "KOR", "USA"}
    assert compact.ceiling.value == "SECRET"


AGREED = 'agreement = {standing = "all-others"}'
TWICE = '{code = "USA", name = ""}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        f'id = "other"\ntitle = "x"\nceiling = "SECRET"\n{AGREED}\nmembers = []',
        f'id = "bad"\ntitle = "x"\nceiling = "COSMIC"\n{AGREED}\nmembers = []',
        f'id = "bad"\ntitle = "x"\nceiling = "SECRET"\n{AGREED}\nmembers = [{{code = "usa", name = "x"}}]',
        f'id = "bad"\ntitle = "x"\nceiling = "SECRET"\n{AGREED}\nmembers = [{TWICE}, {TWICE}]',
        f'id = "bad"\ntitle = "x"\nceiling = "SECRET"\n{AGREED}\nmembers = [{TWICE}]\nreaders = [{TWICE}]',
        f'id = "bad"\ntitle = "x"\nceiling = "SECRET"\nmembers = [{TWICE}]',
        f'id = "bad"\ntitle = "x"\nceiling = "SECRET"\nagreement = {{standing = "any"}}\nmembers = [{TWICE}]',
    ],
)
def test_a_damaged_compact_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadCompact, match=r"bad\.toml"):
        load_compact("bad", tmp_path)
