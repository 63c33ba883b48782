"""How court_link says that a step is not possible, and what is possible instead."""

from services.common.kernel.lifecycle import LifecycleWords

_FILE_AGAIN = ("在申请期限内可以重新提出申请", "within the time to apply, make a new application")

APPLICATION = LifecycleWords(
    states={
        "DRAFT": ("该申请尚未经全体申请人同意", "the application still waits for an applicant's consent"),
        "FILING": ("该申请正在送交法院", "the application is on its way to the court"),
        "FILED": ("该申请已送交法院、等待受理", "the application is before the court, not yet accepted,"),
        "SUPPLEMENT_REQUIRED": ("法院要求补充材料", "the court has asked for materials"),
        "ACCEPTED": ("法院已受理该申请", "the court has accepted the application"),
        "UNDER_REVIEW": ("法院正在审查该申请", "the court examines the application"),
        "NOT_ACCEPTED": ("法院未受理该申请", "the court did not accept the application"),
        "CONFIRMED": ("法院已裁定协议有效", "the court has confirmed the agreement"),
        "DISMISSED": ("法院已驳回该申请", "the court has dismissed the application"),
        "WITHDRAWN": ("该申请已撤回", "the application was withdrawn"),
        "DEEMED_WITHDRAWN": ("该申请已按撤回处理", "the application counts as withdrawn"),
        "LAPSED": ("申请期限已过", "the time to apply is over"),
    },
    actions={
        "CONSENT": ("再表示同意", "be consented to"),
        "COMPLETE": ("送交法院", "be filed"),
        "RECEIVE": ("由法院签收", "be received by the court"),
        "LAPSE": ("按期满处理", "lapse"),
        "WITHDRAW": ("撤回", "be withdrawn"),
        "WITHDRAW_REFUSED": ("撤回", "be withdrawn"),
        "ACCEPT": ("受理", "be accepted"),
        "DECLINE": ("决定不予受理", "be declined"),
        "REQUIRE_SUPPLEMENT": ("要求补充材料", "have materials asked for"),
        "SUPPLY_TO_DESK": ("提交补充材料", "take further materials"),
        "SUPPLY_AFTER_ACCEPTANCE": ("提交补充材料", "take further materials"),
        "SUPPLY_IN_REVIEW": ("提交补充材料", "take further materials"),
        "DEEM_WITHDRAWN": ("按撤回处理", "be taken as withdrawn"),
        "HEAR": ("询问当事人", "have the parties heard"),
        "EXTEND": ("延长审查期限", "have its review extended"),
        "PREPARE_RULING": ("制作裁定", "have a ruling prepared"),
        "CONFIRM": ("裁定有效", "be confirmed"),
        "DISMISS": ("驳回", "be dismissed"),
    },
    advice={
        ("FILING", "WITHDRAW"): (
            "请稍候，送达法院后即可撤回",
            "wait a moment, it can be withdrawn once it has arrived",
        ),
        ("FILED", "PREPARE_RULING"): ("请先受理并询问当事人", "accept it and hear the parties first"),
        ("ACCEPTED", "PREPARE_RULING"): ("请先询问当事人", "hear the parties first"),
        ("SUPPLEMENT_REQUIRED", "ACCEPT"): ("请等待补充材料", "wait for the materials"),
        ("SUPPLEMENT_REQUIRED", "PREPARE_RULING"): ("请等待补充材料", "wait for the materials"),
        ("SUPPLEMENT_REQUIRED", "HEAR"): ("请等待补充材料", "wait for the materials"),
        ("FILED", "HEAR"): ("请先受理", "accept it first"),
        ("NOT_ACCEPTED", "CONSENT"): _FILE_AGAIN,
        ("WITHDRAWN", "CONSENT"): _FILE_AGAIN,
    },
)

RULING = LifecycleWords(
    states={
        "PREPARED": ("裁定书已制作、尚未签发", "the ruling is prepared, not yet issued,"),
        "SIGNING": ("裁定书正在签章", "the ruling is being signed and sealed"),
        "ISSUED": ("裁定书已签发", "the ruling has been issued"),
    },
    actions={
        "PREPARE": ("修改", "be prepared anew"),
        "SIGN": ("签署", "be signed"),
        "FAIL": ("退回", "be given back"),
        "ISSUE": ("签发", "be issued"),
    },
    advice={("SIGNING", "PREPARE"): ("请等待签章完成", "wait until that is done")},
)

REFERRAL = LifecycleWords(
    states={
        "SENT": ("该委派已发出、调解组织尚未接收", "the referral is sent, not yet taken over,"),
        "TAKEN_OVER": ("调解组织已接收该委派", "the referral has been taken over"),
        "DECLINED": ("调解组织未接收该委派", "the referral was declined"),
        "SETTLED": ("该委派已达成协议", "the referral ended in an agreement"),
        "RETURNED": ("该委派已退回法院", "the referral went back to the court"),
    },
    actions={
        "TAKE_OVER": ("接收", "be taken over"),
        "DECLINE": ("拒绝接收", "be declined"),
        "SETTLE": ("记为达成协议", "be settled"),
        "RETURN": ("退回", "be returned"),
    },
)
