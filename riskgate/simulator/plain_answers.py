"""Requests whose whole answer is short, or that there is nothing: news, depth, scanners, groups.

Rule 1: a request without a number of its own is always answered; a client could not tell whose
an error is, and would wait for ever.
Rule 2: nothing is made up: where the simulator has none of it, the answer is empty.
"""

from __future__ import annotations

from riskgate.simulator.answers import answers, quiet
from riskgate.simulator.contracts import SMART_STOCK_VENUES
from riskgate.simulator.session import Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record

NO_SCANS = '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse/>'
DISPLAY_GROUPS = "1|2|3|4|5|6|7"
NOT_VERIFIED = "The simulator verifies no programs."

quiet("cancelFundamentalData", "cancelWshMetaData", "cancelWshEventData")
quiet("updateDisplayGroup", "unsubscribeFromGroupEvents")


# -- what there is nothing of ---------------------------------------------------------------------


@answers("reqScannerParameters")
def scanner_parameters(session: Session, message: Message) -> None:
    """What can be scanned for: nothing."""
    del message
    session.send("scannerParameters", {"xml": NO_SCANS})


@answers("reqMktDepthExchanges")
def depth_exchanges(session: Session, message: Message) -> None:
    """The exchanges with market depth: none."""
    del message
    session.send("mktDepthExchanges", {"exchanges": []})


@answers("reqNewsProviders")
def news_providers(session: Session, message: Message) -> None:
    """Who sends news: nobody."""
    del message
    session.send("newsProviders", {"providers": []})


@answers("reqSoftDollarTiers")
def soft_dollar_tiers(session: Session, message: Message) -> None:
    """The soft dollar tiers: none."""
    session.send("softDollarTiers", {"reqId": message.integer("reqId"), "tiers": []})


@answers("reqUserInfo")
def user_info(session: Session, message: Message) -> None:
    """Whose brand the login is: nobody's."""
    session.send("userInfo", {"reqId": message.integer("reqId"), "whiteBrandingId": ""})


# -- what is short --------------------------------------------------------------------------------


@answers("reqFamilyCodes")
def family_codes(session: Session, message: Message) -> None:
    """The accounts, which belong to no family."""
    del message
    codes: list[Record] = [
        {"accountId": code, "familyCode": ""} for code in session.host.options.accounts
    ]
    session.send("familyCodes", {"codes": codes})


@answers("reqSmartComponents")
def smart_components(session: Session, message: Message) -> None:
    """The letters of the exchanges behind SMART."""
    venues = SMART_STOCK_VENUES.split(",")[1:]
    components: list[Record] = [
        {"bitNumber": bit, "exchange": venue, "letter": chr(ord("A") + bit)}
        for bit, venue in enumerate(venues)
    ]
    about: Record = {"reqId": message.integer("reqId"), "components": components}
    session.send("smartComponents", about)


@answers("queryDisplayGroups")
def display_groups(session: Session, message: Message) -> None:
    """The groups of windows."""
    about: Record = {"reqId": message.integer("reqId"), "groups": DISPLAY_GROUPS}
    session.send("displayGroupList", about)


@answers("subscribeToGroupEvents")
def display_group(session: Session, message: Message) -> None:
    """What a group of windows shows: nothing."""
    about: Record = {"reqId": message.integer("reqId"), "contractInfo": "none"}
    session.send("displayGroupUpdated", about)


@answers("verifyRequest")
@answers("verifyMessage")
def verify(session: Session, message: Message) -> None:
    """The program is not verified."""
    del message
    session.send("verifyCompleted", {"isSuccessful": "false", "errorText": NOT_VERIFIED})


@answers("verifyAndAuthRequest")
@answers("verifyAndAuthMessage")
def verify_and_authorize(session: Session, message: Message) -> None:
    """The program is neither verified nor authorized."""
    del message
    session.send("verifyAndAuthCompleted", {"isSuccessful": "false", "errorText": NOT_VERIFIED})
