"""How a fill is divided among the accounts of an adviser's group. Pure.

Rule 1: nothing is lost or made up: the parts add up to the fill.
Rule 2: the parts of a group are whole steps of the contract's size; the first get the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal
from xml.etree import ElementTree as ET

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.permitted import AccountCode, Checked, Size

Method = Literal["EqualQuantity", "NetLiq", "AvailableEquity", "Ratio", "Percent", "Shares"]


class Group(Checked, frozen=True):
    """Accounts that share orders. `amounts` are the ratios, percents or shares of each account."""

    accounts: tuple[AccountCode, ...]
    method: Method = "EqualQuantity"
    amounts: tuple[Size, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError when the amounts do not fit the accounts."""
        super().__post_init__()
        if not self.accounts:
            raise ValueError("group: it has no accounts")
        if self.method in {"Ratio", "Percent", "Shares"} and len(self.amounts) != len(
            self.accounts
        ):
            raise ValueError(f"group: {self.method} needs an amount for each account")


def shares(
    group: Group, quantity: Decimal, step: Decimal, worth: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """What each account gets of a quantity; `worth` is what the accounts are weighed by."""
    weights = _weights(group, worth)
    total = sum(weights, ZERO)
    if total <= 0:
        weights = [Decimal(1)] * len(group.accounts)
        total = Decimal(len(weights))
    parts = [quantity * weight / total // step * step for weight in weights]
    left, index = quantity - sum(parts, ZERO), 0
    while left > 0:
        more = min(step, left)
        parts[index % len(parts)] += more
        left -= more
        index += 1
    return {code: part for code, part in zip(group.accounts, parts, strict=True) if part}


def more_shares(
    target: Mapping[str, Decimal], given: Mapping[str, Decimal], quantity: Decimal
) -> dict[str, Decimal]:
    """What each account gets of a further quantity, on the way to its target; none gives back."""
    parts: dict[str, Decimal] = {}
    for code, total in target.items():
        part = min(max(total - given.get(code, ZERO), ZERO), quantity)
        quantity -= part
        if part:
            parts[code] = part
    return parts


def _weights(group: Group, worth: Mapping[str, Decimal]) -> list[Decimal]:
    if group.amounts:
        return list(group.amounts)
    if group.method == "EqualQuantity":
        return [Decimal(1)] * len(group.accounts)
    return [max(worth.get(code, ZERO), ZERO) for code in group.accounts]


# -- as an adviser's configuration ----------------------------------------------------------------


def groups_as_xml(groups: Mapping[str, Group]) -> str:
    """The groups as TWS sends them."""
    root = ET.Element("ListOfGroups")
    for name, group in groups.items():
        one = ET.SubElement(root, "Group")
        ET.SubElement(one, "name").text = name
        accounts = ET.SubElement(one, "ListOfAccts", varName="list")
        for code in group.accounts:
            ET.SubElement(accounts, "String").text = code
        ET.SubElement(one, "defaultMethod").text = group.method
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def aliases_as_xml(accounts: Sequence[str]) -> str:
    """The accounts with their names, which are the codes."""
    root = ET.Element("ListOfAccountAliases")
    for code in accounts:
        one = ET.SubElement(root, "AccountAlias")
        ET.SubElement(one, "account").text = code
        ET.SubElement(one, "alias").text = code
    return ET.tostring(root, encoding="unicode", xml_declaration=True)
