"""Masks for account numbers and order texts: the same text always gets the same mask.

Rule 1: a field is masked by its name in the tables; an account is masked wherever it turns up,
an order's text also in what the server says about it in words.
Rule 2: a frame the tables do not know is searched for what looks like an account number.
Rule 3: a text that is empty stays empty, so a message keeps its shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from riskgate.simulator.recording.tape import Side
from riskgate.simulator.wire.codec import MESSAGE_TABLE, REQUEST_TABLE
from riskgate.simulator.wire.fields import WireError

ACCOUNT_FIELDS = frozenset(
    {
        "account",
        "accounts",
        "acctCode",
        "acctNumber",
        "accountId",
        "clearingAccount",
        "customerAccount",
        "deltaNeutralClearingAccount",
        "shareholder",
    }
)
TEXT_FIELDS = frozenset(
    {
        "orderRef",
        "modelCode",
        "faGroup",
        "faProfile",
        "group",
        "groups",
        "familyCode",
        "ocaGroup",
        "submitter",
        "extOperator",
        "algoId",
        "manualOrderTime",
        "mifid2DecisionMaker",
        "mifid2DecisionAlgo",
        "mifid2ExecutionTrader",
        "mifid2ExecutionAlgo",
        "optionalCapabilities",
        "whiteBrandingId",
    }
)
DROPPED_FIELDS = frozenset({"xml", "apiData", "xyzResponse", "xyzChallenge", "opaqueIsvKey"})
SPEAKING_FIELDS = frozenset(
    {
        "text",
        "value",
        "message",
        "warningText",
        "rejectReason",
        "completedStatus",
        "advancedOrderRejectJson",
    }
)
_SHORTEST = 4  # a shorter text is not looked for inside others: it would hit by chance
_ALL = "All"  # a group every account has; no secret
_LOOKS_LIKE_ACCOUNT = re.compile(r"\b(?:DU|DF|DI|U|F|I)[A-Z]?\d{5,9}\b")
_LETTERS = re.compile(r"[A-Z]*")
Named = list[tuple[str, str]]


def body_of(fields: Sequence[str]) -> bytes:
    """The body with these texts."""
    return "".join(f"{text}\0" for text in fields).encode()


def named(side: Side, fields: Sequence[str], version: int) -> Named | None:
    """The texts with their names, None when the tables do not know the message."""
    table = REQUEST_TABLE if side == "client" else MESSAGE_TABLE
    try:
        return table.named(body_of(fields), version)
    except WireError:
        return None


class Mask:
    """The masks of one recording."""

    def __init__(self) -> None:
        self._accounts = Words()
        self._texts = Words()

    def frame(self, side: Side, fields: Sequence[str], version: int) -> tuple[str, ...]:
        """The texts of a frame, masked."""
        about = named(side, fields, version)
        if about is None:
            return tuple(self._search(text) for text in fields)
        for name, text in about:
            self._learn(name, text)
        return tuple(self._masked(name, text) for name, text in about)

    def _learn(self, name: str, text: str) -> None:
        if name in ACCOUNT_FIELDS:
            for account in text.split(","):
                self._learn_account(account)
        elif name in TEXT_FIELDS and text not in {"", _ALL}:
            self._texts.add(text, f"text-{len(self._texts) + 1}")

    def _learn_account(self, account: str) -> None:
        if account not in {"", _ALL}:
            letters = _LETTERS.match(account)
            kind = letters[0] if letters else ""
            self._accounts.add(account, f"{kind}{len(self._accounts) + 1:07}")

    def _masked(self, name: str, text: str) -> str:
        if name in DROPPED_FIELDS:
            return "masked" if text else ""
        if name in TEXT_FIELDS:
            return self._texts.whole(text)
        if name in ACCOUNT_FIELDS:
            return ",".join(self._accounts.whole(one) for one in text.split(","))
        if name in SPEAKING_FIELDS:
            text = self._texts.inside(text)
        return self._accounts.inside(text)

    def _search(self, text: str) -> str:
        for account in _LOOKS_LIKE_ACCOUNT.findall(text):
            self._learn_account(account)
        return self._texts.inside(self._accounts.inside(text))


class Words:
    """Texts with their masks."""

    def __init__(self) -> None:
        self._masks: dict[str, str] = {}
        self._taken: set[str] = set()
        self._any: re.Pattern[str] | None = None

    def __len__(self) -> int:
        return len(self._masks)

    def add(self, text: str, mask: str) -> None:
        """Remember a text, unless it is known or a mask itself."""
        if text in self._masks or text in self._taken:
            return
        self._masks[text] = mask
        self._taken.add(mask)
        long = [re.escape(one) for one in self._masks if len(one) >= _SHORTEST]
        long.sort(key=len, reverse=True)
        self._any = re.compile(rf"(?<!\w)(?:{'|'.join(long)})(?!\w)") if long else None

    def whole(self, text: str) -> str:
        """The mask of a text."""
        return self._masks.get(text, text)

    def inside(self, text: str) -> str:
        """A text with every known one in it masked."""
        return text if self._any is None else self._any.sub(lambda one: self._masks[one[0]], text)
