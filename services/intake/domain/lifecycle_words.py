"""How intake says that a step is not possible, and what is possible instead."""

from services.common.kernel.lifecycle import LifecycleWords

_OVER = ("需要继续的，请重新提交事项", "file a new matter to go on")

MATTER = LifecycleWords(
    states={
        "SUBMITTED": ("该事项已提交、尚未分类", "the matter is filed, not yet triaged,"),
        "TRIAGED": ("该事项已分类、尚未受理", "the matter is triaged, not yet accepted,"),
        "ACCEPTED": ("该事项已受理", "the matter is accepted"),
        "DECLINED": ("该事项未予受理", "the matter was declined"),
        "ASSIGNED": ("该事项已分派", "the matter is assigned"),
        "IN_MEDIATION": ("该事项已移送调解", "the matter is in mediation"),
        "SETTLED": ("该事项已达成调解协议", "the matter is settled"),
        "MEDIATION_FAILED": ("该事项调解未成", "the mediation of the matter has failed"),
        "CALL_BACK_PENDING": ("该事项已办结、等待回访", "the matter is dealt with and waits for its call-back"),
        "CLOSED": ("该事项已结案", "the matter is closed"),
        "WITHDRAWN": ("该事项已撤回", "the matter was withdrawn"),
    },
    actions={
        "TRIAGE": ("分类", "be triaged"),
        "ACCEPT": ("受理", "be accepted"),
        "DECLINE": ("决定不予受理", "be declined"),
        "ASSIGN": ("分派", "be assigned"),
        "RECORD_CONTACT": ("登记联络", "have a contact recorded"),
        "INVITE": ("邀请当事人", "have a party invited"),
        "JOIN": ("加入", "be joined"),
        "CONSENT": ("登记同意调解", "take a consent to mediation"),
        "FORWARD": ("移送调解", "be forwarded to mediation"),
        "END_WITHOUT_MEDIATION": ("以未能调解结束", "be ended without a mediation"),
        "WITHDRAW": ("撤回", "be withdrawn"),
        "OPEN_CASE": ("立案调解", "have a case opened"),
        "SETTLE": ("记为达成协议", "be settled"),
        "FAIL": ("记为调解未成", "fail"),
        "CONCLUDE": ("办结", "be concluded"),
        "RECORD_OUTCOME": ("登记结果", "have an outcome recorded"),
        "REQUEST_REOPENING": ("要求重新办理", "be asked to be reopened"),
        "CLOSE": ("结案", "be closed"),
    },
    advice={
        ("IN_MEDIATION", "WITHDRAW"): (
            "不想继续的，请打开调解案件选择“退出调解”，案件随即终止",
            "to stop, leave the mediation in its case, which ends it",
        ),
        ("SETTLED", "WITHDRAW"): (
            "协议已约束双方；有异议的，请联系调解员",
            "the agreement binds both sides: speak to the mediator if you object",
        ),
        ("MEDIATION_FAILED", "WITHDRAW"): ("该事项已经结束，无须撤回", "it has ended, and nothing is left to withdraw"),
        ("CALL_BACK_PENDING", "WITHDRAW"): (
            "该事项已经结束，无须撤回",
            "it has ended, and nothing is left to withdraw",
        ),
        ("CLOSED", "WITHDRAW"): ("该事项已经结束，无须撤回", "it has ended, and nothing is left to withdraw"),
        ("SUBMITTED", "ACCEPT"): ("请先分类", "triage it first"),
        ("SUBMITTED", "ASSIGN"): ("请先分类并受理", "triage and accept it first"),
        ("TRIAGED", "ASSIGN"): ("请先受理", "accept it first"),
        ("SUBMITTED", "FORWARD"): ("请先分类并受理", "triage and accept it first"),
        ("TRIAGED", "FORWARD"): ("请先受理", "accept it first"),
        ("SUBMITTED", "INVITE"): ("请先分类并受理", "triage and accept it first"),
        ("TRIAGED", "INVITE"): ("请先受理", "accept it first"),
        ("DECLINED", "ACCEPT"): _OVER,
        ("WITHDRAWN", "ACCEPT"): _OVER,
        ("WITHDRAWN", "FORWARD"): _OVER,
        ("DECLINED", "FORWARD"): _OVER,
    },
)
