"""The answers to requests about accounts, positions and profits, and their live updates."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from riskgate.simulator.accounts import Account, Position
from riskgate.simulator.allocation import aliases_as_xml, groups_as_xml
from riskgate.simulator.answers import answers, quiet
from riskgate.simulator.options import Options
from riskgate.simulator.replies import portfolio, position
from riskgate.simulator.session import Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record

INVALID_ACCOUNT = (321, "Error validating request.-'bW' : cause - Invalid account code.")
CURRENCY = "USD"
UPDATES = -1  # the stream of account values that has no request id

quiet("reqNewsBulletins", "cancelNewsBulletins", "setServerLogLevel")


@answers("startApi")
def start(session: Session, message: Message) -> None:
    """The client says who it is; now it may ask."""
    session.start(message)


@answers("reqManagedAccts")
def managed_accounts(session: Session, message: Message) -> None:
    """The accounts of this login."""
    del message
    session.send("managedAccounts", {"accounts": ",".join(session.host.options.accounts)})


@answers("reqIds")
def next_id(session: Session, message: Message) -> None:
    """The next valid order id."""
    del message
    session.send_next_id()


@answers("reqCurrentTime")
def current_time(session: Session, message: Message) -> None:
    """The time, in whole seconds since 1970."""
    del message
    session.send("currentTime", {"time": int(session.host.clock.now().timestamp())})


@answers("reqCurrentTimeInMillis")
def current_time_in_millis(session: Session, message: Message) -> None:
    """The time, in whole milliseconds since 1970."""
    del message
    now = int(session.host.clock.now().timestamp() * 1000)
    session.send("currentTimeInMillis", {"time": now})


# -- positions ------------------------------------------------------------------------------------


@answers("reqPositions")
def positions(session: Session, message: Message) -> None:
    """All positions, and each change from now on."""
    del message
    session.wants.positions = True
    for account in session.host.exchange.world.accounts.values():
        for held in account.held():
            session.send("position", position(account.code, held))
    session.send("positionEnd", {})


@answers("cancelPositions")
def cancel_positions(session: Session, message: Message) -> None:
    """No more changes of positions."""
    del message
    session.wants.positions = False


@answers("reqPositionsMulti")
def positions_multi(session: Session, message: Message) -> None:
    """The positions of one account, and each change from now on."""
    account, req_id = _account(session, message), message.integer("reqId")
    if account is None:
        return
    session.wants.positions_multi[req_id] = account.code
    for held in account.held():
        session.send("positionMulti", {**position(account.code, held), "reqId": req_id})
    session.send("positionMultiEnd", {"reqId": req_id})


@answers("cancelPositionsMulti")
def cancel_positions_multi(session: Session, message: Message) -> None:
    """No more changes of these positions."""
    session.wants.positions_multi.pop(message.integer("reqId"), None)


# -- account values -------------------------------------------------------------------------------


def _account(session: Session, message: Message) -> Account | None:
    accounts = session.host.exchange.world.accounts
    code = message.text("account") or next(iter(accounts))
    found = accounts.get(code)
    if found is None:
        req_id = message.fields.get("reqId", -1)
        session.error(req_id if isinstance(req_id, int) else -1, *INVALID_ACCOUNT)
    return found


def _values(session: Session, account: Account) -> list[tuple[str, str, str]]:
    amounts = account.values(session.host.exchange.world.prices)
    plain = [("AccountType", "INDIVIDUAL", ""), ("AccountReady", "true", "")]
    rates = [("ExchangeRate", "1.00", CURRENCY), ("Currency", CURRENCY, CURRENCY)]
    shown = [(key, str(value), CURRENCY) for key, value in amounts.items()]
    base = [(key, str(amounts[key]), "BASE") for key in ("CashBalance", "RealizedPnL")]
    return [*plain, *shown, *base, *rates]


@answers("reqAccountUpdates")
def account_updates(session: Session, message: Message) -> None:
    """Values and positions of one account, and each change from now on."""
    if not message.flag("subscribe"):
        session.wants.account = ""
        return
    account = _account(session, message)
    if account is None:
        return
    session.wants.account = account.code
    _forget(session, UPDATES)
    _send_values(session, account)
    for held in account.held():
        _send_portfolio(session, account, held)
    now = session.host.clock.now()
    session.send("accountTime", {"time": f"{now:%H:%M}"})
    session.send("accountDownloadEnd", {"account": account.code})


def _changed(session: Session, account: Account, stream: int) -> list[Record]:
    """The values this stream (a request id, or UPDATES) has not been told yet."""
    sent, found = session.wants.values_sent, list[Record]()
    for key, value, currency in _values(session, account):
        if sent.get((stream, key, currency)) != value:
            sent[stream, key, currency] = value
            found.append({"key": key, "value": value, "currency": currency})
    return found


def _forget(session: Session, stream: int) -> None:
    sent = session.wants.values_sent
    session.wants.values_sent = {key: value for key, value in sent.items() if key[0] != stream}


def _send_values(session: Session, account: Account) -> None:
    for record in _changed(session, account, UPDATES):
        session.send("accountValue", {**record, "account": account.code})


def _send_portfolio(session: Session, account: Account, held: Position) -> None:
    prices = session.host.exchange.world.prices
    session.send("portfolio", portfolio(account.code, held, prices))


@answers("reqAccountUpdatesMulti")
def account_updates_multi(session: Session, message: Message) -> None:
    """Values of one account under a request id, and each change from now on."""
    account, req_id = _account(session, message), message.integer("reqId")
    if account is None:
        return
    session.wants.values_multi[req_id] = account.code
    _forget(session, req_id)
    _send_values_multi(session, account, req_id)
    session.send("accountUpdateMultiEnd", {"reqId": req_id})


def _send_values_multi(session: Session, account: Account, req_id: int) -> None:
    for record in _changed(session, account, req_id):
        session.send("accountUpdateMulti", {**record, "reqId": req_id, "account": account.code})


@answers("cancelAccountUpdatesMulti")
def cancel_account_updates_multi(session: Session, message: Message) -> None:
    """No more changes of these values."""
    session.wants.values_multi.pop(message.integer("reqId"), None)


@answers("reqAccountSummary")
def account_summary(session: Session, message: Message) -> None:
    """The chosen values of all accounts."""
    req_id = message.integer("reqId")
    tags = frozenset(message.text("tags").split(","))
    session.wants.summaries[req_id] = tags
    _forget(session, req_id)
    _send_summary(session, req_id, tags)
    session.send("accountSummaryEnd", {"reqId": req_id})


def _send_summary(session: Session, req_id: int, tags: frozenset[str]) -> None:
    sent = session.wants.values_sent
    for account in session.host.exchange.world.accounts.values():
        for key, value, currency in _values(session, account):
            known = (req_id, f"{account.code} {key}", currency)
            wanted = currency != "BASE" and (key in tags or "All" in tags)
            if wanted and sent.get(known) != value:
                sent[known] = value
                record: Record = {"tag": key, "value": value, "currency": currency}
                session.send("accountSummary", {**record, "reqId": req_id, "account": account.code})


@answers("cancelAccountSummary")
def cancel_account_summary(session: Session, message: Message) -> None:
    """No more changes of these values."""
    session.wants.summaries.pop(message.integer("reqId"), None)


# -- profits --------------------------------------------------------------------------------------


@answers("reqPnL")
def pnl(session: Session, message: Message) -> None:
    """The profits of one account, and each change from now on."""
    account = _account(session, message)
    if account is not None:
        session.wants.pnl[message.integer("reqId")] = account.code
        _send_pnl(session, account, message.integer("reqId"))


@answers("cancelPnL")
def cancel_pnl(session: Session, message: Message) -> None:
    """No more profits."""
    session.wants.pnl.pop(message.integer("reqId"), None)


def _send_pnl(session: Session, account: Account, req_id: int) -> None:
    prices = session.host.exchange.world.prices
    session.send(
        "pnl",
        {
            "reqId": req_id,
            "dailyPnL": round(account.daily(prices), 4),
            "unrealizedPnL": round(account.profit(prices), 4),
            "realizedPnL": round(account.realized(), 4),
        },
    )


@answers("reqPnLSingle")
def pnl_single(session: Session, message: Message) -> None:
    """The profits of one position, and each change from now on."""
    account = _account(session, message)
    if account is not None:
        key = (account.code, message.integer("conId"))
        session.wants.pnl_single[message.integer("reqId")] = key
        _send_pnl_single(session, key, message.integer("reqId"))


@answers("cancelPnLSingle")
def cancel_pnl_single(session: Session, message: Message) -> None:
    """No more profits of this position."""
    session.wants.pnl_single.pop(message.integer("reqId"), None)


def _send_pnl_single(session: Session, key: tuple[str, int], req_id: int) -> None:
    world = session.host.exchange.world
    held = world.accounts[key[0]].positions.get(key[1])
    profit = Decimal(0) if held is None else held.profit(world.prices)
    realized = Decimal(0) if held is None else held.realized
    daily = Decimal(0) if held is None else held.daily(world.prices)
    session.send(
        "pnlSingle",
        {
            "reqId": req_id,
            "position": Decimal(0) if held is None else held.quantity,
            "dailyPnL": round(daily, 4),
            "unrealizedPnL": round(profit, 4),
            "realizedPnL": round(realized, 4),
            "value": Decimal(0) if held is None else round(held.value(world.prices), 4),
        },
    )


# -- live updates ---------------------------------------------------------------------------------


def after_trade(session: Session, account: Account, con_id: int) -> None:
    """Tell a client what a trade changed, as far as it asked."""
    held = account.positions.get(con_id)
    if held is None:  # an order that is divided moves the accounts by its parts
        return
    wants = session.wants
    if wants.positions:
        session.send("position", position(account.code, held))
    for req_id, code in wants.positions_multi.items():
        if code == account.code:
            session.send("positionMulti", {**position(code, held), "reqId": req_id})
    if wants.account == account.code:
        _send_values(session, account)
        _send_portfolio(session, account, held)
    for req_id, code in wants.values_multi.items():
        if code == account.code:
            _send_values_multi(session, account, req_id)
    after_price(session)


def refresh(session: Session) -> None:
    """Tell a client the values and positions that prices have changed, as far as it asked."""
    accounts, wants = session.host.exchange.world.accounts, session.wants
    if wants.account:
        account = accounts[wants.account]
        _send_values(session, account)
        for held in account.held():
            _send_portfolio(session, account, held)
    for req_id, code in wants.values_multi.items():
        _send_values_multi(session, accounts[code], req_id)
    for req_id, tags in wants.summaries.items():
        _send_summary(session, req_id, tags)


def after_price(session: Session) -> None:
    """Tell a client its profits, as far as it asked."""
    accounts = session.host.exchange.world.accounts
    for req_id, code in session.wants.pnl.items():
        _send_pnl(session, accounts[code], req_id)
    for req_id, key in session.wants.pnl_single.items():
        _send_pnl_single(session, key, req_id)


# -- advisers -------------------------------------------------------------------------------------


@answers("requestFA")
def adviser_configuration(session: Session, message: Message) -> None:
    """The groups (1) or the names of the accounts (3), as XML; profiles (2) are groups by now."""
    options, kind = session.host.options, message.integer("faDataType")
    if not options.groups or kind not in _ADVISER:
        session.error(-1, 321, "Error validating request.-'cd' : cause - FA data is not available.")
        return
    session.send("receiveFA", {"faDataType": kind, "xml": _ADVISER[kind](options)})


_ADVISER: dict[int, Callable[[Options], str]] = {
    1: lambda options: groups_as_xml(options.groups),
    3: lambda options: aliases_as_xml(options.accounts),
}
