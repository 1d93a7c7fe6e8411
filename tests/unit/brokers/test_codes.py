from riskgate.brokers.ib import codes


def test_a_read_only_session_is_known_by_its_text() -> None:
    text = "Error validating request.-'bN' : cause - The API interface is in Read-Only mode."
    assert codes.is_read_only(321, text)
    assert not codes.is_read_only(321, "Invalid account code.")
    assert not codes.is_read_only(201, text)
