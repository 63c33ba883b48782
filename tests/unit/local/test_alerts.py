"""The alert rules name metrics that there are. JSON is YAML 1.2, so that Prometheus reads the file as it is."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest

import services.common.telemetry as _  # noqa: F401 - registers every metric

RULES = Path(__file__).parents[3] / "deploy" / "alerts" / "comity.json"


def _rules() -> list[dict[str, object]]:
    (group,) = json.loads(RULES.read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_a_metric_that_there_is_and_says_what_to_do(rule: dict[str, object]) -> None:
    known = {name for metric in REGISTRY.collect() for name in (metric.name, f"{metric.name}_total")}
    named = set(re.findall(r"comity_\w+", str(rule["expr"])))
    assert named and named <= known
    annotations = rule["annotations"]
    assert isinstance(annotations, dict) and annotations["summary"] and annotations["description"]
    labels = rule["labels"]
    assert isinstance(labels, dict) and labels["severity"] in ("page", "ticket")


def test_what_is_kept_for_a_person_has_an_alert() -> None:
    asked = " ".join(str(rule["expr"]) for rule in _rules())
    for metric in ("comity_jobs_failed", "comity_jobs_waiting_seconds", "comity_jobs_oldest_seconds"):
        assert metric in asked
    for metric in ("comity_dead_letters_parked", "comity_deadlines_unsure", "comity_calendar_days_left"):
        assert metric in asked


@pytest.mark.parametrize(
    "series", ['comity_workers_killed_total{limit="clock"}', 'comity_drawings_total{result="refused"}']
)
def test_the_first_one_of_a_kind_is_an_increase(series: str) -> None:
    assert f"{series} " in generate_latest(REGISTRY).decode()
