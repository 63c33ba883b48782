"""Who may say what on NATS, as names only; the real server is asked in tests/integration/local/test_nats.py."""

from deploy.local.nats_permissions import CONSUMES, NatsUser, permissions, service_users, stream_name


def test_a_service_publishes_under_its_own_name_only() -> None:
    events = [subject for subject in permissions("intake", ("mediation",)).publish if subject.startswith("comity.")]
    assert events == ["comity.intake.v1.>", "comity.nudge.intake"]


def test_a_service_hears_its_own_inbox_and_nudge_only() -> None:
    assert permissions("court_link", ("mediation",)).subscribe == ("_INBOX.court_link.>", "comity.nudge.court_link")


def test_a_stream_that_is_not_consumed_is_not_named() -> None:
    assert not [subject for subject in permissions("court_link", ("mediation",)).publish if "INTAKE" in subject]


def test_nobody_may_delete_or_purge_a_stream() -> None:
    for service, producers in CONSUMES.items():
        granted = permissions(service, producers).publish
        assert not [subject for subject in granted if "DELETE" in subject or "PURGE" in subject or "MSG.GET" in subject]


def test_a_wildcard_never_stands_in_place_of_a_stream() -> None:
    for service, producers in CONSUMES.items():
        for subject in permissions(service, producers).publish:
            head = subject.removesuffix(">")
            assert "*" not in subject and ">" not in head
            assert head not in ("", "$JS.", "$JS.API.", "$JS.ACK.", "comity.")


def test_a_service_reads_no_stream_of_a_service_that_is_not_run() -> None:
    users = service_users({"notify": "a", "intake": "b"}, CONSUMES)
    notify = next(user for user in users if user.name == "notify")
    assert "$JS.API.STREAM.INFO.INTAKE" in notify.permissions.publish
    assert "$JS.API.STREAM.INFO.MEDIATION" not in notify.permissions.publish


def test_a_stream_is_named_like_its_service_in_capitals() -> None:
    assert stream_name("court_link") == "COURT_LINK"


def test_a_user_shown_in_a_log_hides_its_password() -> None:
    assert "hunter2" not in repr(NatsUser("intake", "hunter2", permissions("intake", ())))
