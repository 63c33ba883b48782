"""How mediation says that a step is not possible, and what is possible instead."""

from services.common.kernel.lifecycle import LifecycleWords

_OPEN_FIRST = ("请先开始调解", "open the mediation first")
_REOPEN = (
    "要改变内容的，请各方同意恢复协商，再提出新方案",
    "to change what was agreed, all parties consent to negotiating again and make a new offer",
)
_SUE = ("可以另行申请调解，或者依法起诉", "apply for another mediation, or go to court")

CASE = LifecycleWords(
    states={
        "REFERRED": ("案件由法院移送、尚未接收", "the case is referred by a court, not yet taken over,"),
        "CONSENT_PENDING": ("案件等待各方同意调解", "the case waits for the parties' consent"),
        "CONSENTED": ("案件等待指定调解员", "the case waits for a mediator"),
        "DISCLOSURE": ("案件等待调解员披露利害关系", "the case waits for the mediator's disclosure"),
        "READY": ("案件尚未开始调解", "the mediation has not begun"),
        "OPEN": ("案件正在调解", "the case is being mediated"),
        "SUSPENDED": ("案件已中止", "the case stands still"),
        "AGREED": ("各方已达成一致", "the case is settled in principle"),
        "SIGNING": ("协议正在签署", "the agreement is being signed"),
        "CONCLUDED": ("案件已调解成功并结束", "the case has ended with an agreement"),
        "TERMINATED": ("案件已终止调解", "the case has ended without an agreement"),
        "DECLINED": ("调解组织未接收该案件", "the case was declined"),
    },
    actions={
        "ACCEPT_REFERRAL": ("接收", "be taken over"),
        "DECLINE": ("拒绝接收", "be declined"),
        "CONSENT": ("表示同意调解", "take a consent to mediation"),
        "COMPLETE_CONSENT": ("表示同意调解", "take a consent to mediation"),
        "APPOINT": ("指定调解员", "have a mediator appointed"),
        "DISCLOSE": ("披露利害关系", "take a disclosure"),
        "CLEAR": ("确认无利害关系", "be cleared"),
        "WAIVE_CONFLICT": ("同意由该调解员继续", "take a waiver"),
        "RECUSE": ("更换调解员", "have its mediator withdraw"),
        "REPRESENT": ("委托代理人", "have a representative named"),
        "ACKNOWLEDGE": ("确认告知书", "have its notice acknowledged"),
        "OPEN": ("开始调解", "be opened"),
        "CHALLENGE": ("申请调解员回避", "have its mediator challenged"),
        "SUSPEND": ("中止", "be suspended"),
        "RESUME_DISCLOSURE": ("恢复", "be resumed"),
        "RESUME_READY": ("恢复", "be resumed"),
        "RESUME_OPEN": ("恢复", "be resumed"),
        "EXTEND": ("延长调解期限", "have its limit extended"),
        "MEET": ("安排会谈", "have a session"),
        "NEGOTIATE": ("提出方案", "take an offer"),
        "AGREE": ("接受方案", "be settled"),
        "REOPEN": ("恢复协商", "go back to negotiating"),
        "DRAFT": ("起草协议", "have an agreement drafted"),
        "FREEZE": ("定稿签署", "have its agreement frozen for signing"),
        "VOID_ROUND": ("撤销签署", "have a signing round voided"),
        "CONCLUDE": ("结束", "be concluded"),
        "TERMINATE": ("终止调解", "be terminated"),
        "REMEDIATE": ("重新调解", "be mediated anew"),
    },
    advice={
        ("READY", "MEET"): _OPEN_FIRST,
        ("READY", "NEGOTIATE"): _OPEN_FIRST,
        ("READY", "AGREE"): _OPEN_FIRST,
        ("CONSENTED", "OPEN"): ("请先指定调解员并完成披露", "appoint a mediator, who discloses first"),
        ("DISCLOSURE", "OPEN"): ("请等待调解员披露", "the mediator discloses first"),
        ("SUSPENDED", "MEET"): ("请先恢复调解", "resume it first"),
        ("SUSPENDED", "NEGOTIATE"): ("请先恢复调解", "resume it first"),
        ("SUSPENDED", "SUSPEND"): ("无须再次中止", "nothing more is needed"),
        ("OPEN", "DRAFT"): ("请先由各方接受同一方案", "all parties accept one offer first"),
        ("OPEN", "FREEZE"): (
            "请先由各方接受同一方案并起草协议",
            "all parties accept one offer, and it is drafted first",
        ),
        ("OPEN", "REOPEN"): ("可以直接提出新方案", "make a new offer"),
        ("AGREED", "NEGOTIATE"): _REOPEN,
        ("AGREED", "AGREE"): _REOPEN,
        ("SIGNING", "REOPEN"): (
            "请调解员先修改协议文本，使本轮签署作废",
            "the mediator revises the text first, which voids the signing round",
        ),
        ("SIGNING", "NEGOTIATE"): _REOPEN,
        ("CONCLUDED", "TERMINATE"): (
            "协议已生效，对各方有约束力",
            "the agreement is effective and binds all parties",
        ),
        ("TERMINATED", "OPEN"): _SUE,
        ("TERMINATED", "NEGOTIATE"): _SUE,
        ("TERMINATED", "CONSENT"): _SUE,
        ("TERMINATED", "TERMINATE"): ("无须再次终止", "nothing more is needed"),
    },
)

SESSION = LifecycleWords(
    states={
        "SCHEDULED": ("该次会谈尚未开始", "the session has not begun"),
        "IN_PROGRESS": ("该次会谈正在进行", "the session is under way"),
        "HELD": ("该次会谈已结束", "the session was held"),
        "ADJOURNED": ("该次会谈已休会", "the session was adjourned"),
        "NO_QUORUM": ("该次会谈因人员未到齐未能举行", "the session had no quorum"),
        "ABORTED": ("该次会谈已中断", "the session was broken off"),
        "CANCELLED": ("该次会谈已取消", "the session was cancelled"),
    },
    actions={
        "WAIVE_NOTICE": ("放弃通知期", "take a waiver of notice"),
        "CHECK_IN": ("签到", "be checked in to"),
        "START": ("开始", "be started"),
        "HOLD": ("结束", "be ended"),
        "ADJOURN": ("休会", "be adjourned"),
        "FIND_NO_QUORUM": ("记为未到齐", "be found without a quorum"),
        "ABORT": ("中断", "be broken off"),
        "RESCHEDULE": ("改期", "be moved"),
        "CANCEL": ("取消", "be cancelled"),
        "RECORD": ("制作笔录", "have a record"),
    },
    advice={
        ("SCHEDULED", "HOLD"): ("请先开始会谈", "start it first"),
        ("SCHEDULED", "RECORD"): ("请先举行会谈", "hold it first"),
        ("IN_PROGRESS", "RECORD"): ("请先结束会谈", "end it first"),
        ("IN_PROGRESS", "CANCEL"): ("请休会或者中断", "adjourn it or break it off"),
        ("CANCELLED", "RESCHEDULE"): ("请另行安排会谈", "schedule another one"),
        ("HELD", "RESCHEDULE"): ("请另行安排会谈", "schedule another one"),
    },
)

OFFER = LifecycleWords(
    states={
        "OPEN": ("该方案等待答复", "the offer waits for an answer"),
        "ACCEPTED": ("该方案已被接受", "the offer was accepted"),
        "REFUSED": ("该方案已被拒绝", "the offer was refused"),
        "COUNTERED": ("该方案已被新方案取代", "the offer was countered"),
        "REVOKED": ("该方案已撤回", "the offer was taken back"),
        "EXPIRED": ("该方案已过期", "the offer has expired"),
    },
    actions={
        "ANSWER": ("答复", "be answered"),
        "ACCEPT": ("接受", "be accepted"),
        "REFUSE": ("拒绝", "be refused"),
        "COUNTER": ("以新方案取代", "be countered"),
        "REVOKE": ("撤回", "be taken back"),
        "EXPIRE": ("按过期处理", "expire"),
    },
)

AGREEMENT = LifecycleWords(
    states={
        "DRAFTED": ("协议仍是草稿", "the agreement is a draft"),
        "FROZEN": ("协议已定稿、正在签署", "the agreement is frozen and being signed"),
        "EFFECTIVE": ("协议已生效", "the agreement is effective"),
        "SEALED": ("协议已签署盖章", "the agreement is signed and sealed"),
        "VOID": ("协议草稿已作废", "the draft is void"),
        "SUPERSEDED": ("协议已被新协议取代", "another agreement took its place"),
    },
    actions={
        "REVISE": ("修改", "be revised"),
        "FREEZE": ("定稿签署", "be frozen for signing"),
        "THAW": ("退回草稿", "go back to being a draft"),
        "TAKE_EFFECT": ("生效", "take effect"),
        "SEAL": ("盖章", "be sealed"),
        "VOID": ("作废", "be voided"),
        "SUPERSEDE": ("被取代", "be superseded"),
    },
    advice={
        ("EFFECTIVE", "REVISE"): ("各方可以另行达成新的协议", "the parties may make another one"),
        ("SEALED", "REVISE"): ("各方可以另行达成新的协议", "the parties may make another one"),
        ("FROZEN", "FREEZE"): ("请各方签署", "the parties sign it now"),
        ("VOID", "REVISE"): ("请重新起草", "draft it anew"),
        ("VOID", "FREEZE"): ("请重新起草", "draft it anew"),
    },
)

ROUND = LifecycleWords(
    states={
        "OPEN": ("本轮签署正在进行", "the signing round is open"),
        "PARTIES_COMPLETE": ("各方当事人均已签署", "all parties have signed"),
        "AWAITING_SEAL": ("本轮签署等待盖章", "the signing round waits for the seal"),
        "SEALED": ("本轮签署已完成", "the signing round is complete"),
        "REFUSED": ("本轮签署因有人拒签而结束", "the signing round ended with a refusal"),
        "EXPIRED": ("本轮签署已逾期", "the signing round has expired"),
        "VOIDED": ("本轮签署已作废", "the signing round is void"),
    },
    actions={
        "SIGN": ("签署", "be signed"),
        "COMPLETE_PARTIES": ("签署", "be signed"),
        "COMPLETE": ("签署", "be signed"),
        "SEAL": ("盖章", "be sealed"),
        "REFUSE": ("拒签", "be refused"),
        "EXPIRE": ("按逾期处理", "expire"),
        "VOID": ("作废", "be voided"),
    },
    advice={
        ("EXPIRED", "SIGN"): ("请调解员重新定稿", "the mediator freezes the text again"),
        ("VOIDED", "SIGN"): ("请等待修改后的文本", "wait for the revised text"),
    },
)
