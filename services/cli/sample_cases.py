"""The made-up disputes of the demo, one told in Chinese and one by people who write English. Every name says that it is a
sample. What goes to the court is in Chinese in both.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One party of a sample case; ``legal_representative`` is who acts for an organisation."""

    display_name: str
    organisation: bool
    identity_number: str
    address: str
    region_code: str
    mail: str
    phone: str
    locale: str
    legal_representative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCase:
    """What one demo case is about. Amounts are in minor units of ``currency``; zero for a settlement by an act."""

    key: str
    complainant: Side
    respondent: Side
    subject_matter: str
    facts: str
    request: str
    currency: str
    claimed: int
    offered: int
    countered: int
    statement: str
    answer: str
    agreed_facts: str
    undisputed: str
    issues: str
    responsibilities: str
    payment: str
    payment_method: str
    default_clause: str
    costs: str
    release_scope: str
    minutes: str
    reasons: str
    source_facts: tuple[tuple[str, str], ...] = ()


CHINESE = SampleCase(
    key="zh",
    complainant=Side(
        display_name="王秀兰（样本）",
        organisation=False,
        identity_number="32010219550101002X",
        address="样本市玄武区样本路 1 号",
        region_code="320102",
        mail="wang.xiulan",
        phone="+8613900000001",
        locale="zh",
    ),
    respondent=Side(
        display_name="样本家电有限公司",
        organisation=True,
        identity_number="91320102SAMPLE001X",
        address="样本市玄武区样本大道 8 号",
        region_code="320102",
        mail="jiadian",
        phone="+8613900000002",
        locale="zh",
        legal_representative="周建国（样本）",
    ),
    subject_matter="CONSUMER",
    facts="申请人于2026年9月购买空调一台，价款5680元；安装后多次漏水，两次维修未能修复。（样本案情）",
    request="退还货款并承担拆机费用。",
    currency="CNY",
    claimed=568000,
    offered=568000,
    countered=500000,
    statement="空调两次维修后仍然漏水，要求退货退款。",
    answer="认可维修未能解决问题，愿意协商退款金额。",
    agreed_facts="申请人于2026年9月向被申请人购买空调一台，价款5680元；安装后多次漏水，两次维修未能修复，双方由此发生纠纷。（样本案情）",
    undisputed="双方确认：空调两次维修后仍漏水，机器尚在申请人家中。",
    issues="退款金额与拆机费用由谁承担。",
    responsibilities="被申请人交付的空调存在质量问题，对退货负主要责任。",
    payment="退还空调货款",
    payment_method="转账至申请人确认的银行账户",
    default_clause="逾期付款的，自逾期之日起按未付金额每日万分之五支付违约金。",
    costs="调解不收费；拆机费用由被申请人承担。",
    release_scope="本协议履行完毕后，双方就该台空调的买卖再无争议。",
    minutes="双方均到庭，确认协议系自愿达成，内容清楚，无恶意串通。（样本）",
    reasons="经审查，调解协议系双方自愿达成，内容明确，不违反法律强制性规定，不损害国家、社会公共利益和他人合法权益。（样本）",
)

ENGLISH = SampleCase(
    key="en",
    complainant=Side(
        display_name="Eleanor Hughes (sample)",
        organisation=False,
        identity_number="P-SAMPLE-0071",
        address="1 Sample Lane, Sample City",
        region_code="320102",
        mail="eleanor.hughes",
        phone="+8613900000003",
        locale="en",
    ),
    respondent=Side(
        display_name="Sample Travel Agency Ltd",
        organisation=True,
        identity_number="91320102SAMPLE002X",
        address="22 Sample Avenue, Sample City",
        region_code="320102",
        mail="travel",
        phone="+8613900000004",
        locale="en",
        legal_representative="Martin Clarke (sample)",
    ),
    subject_matter="CONSUMER",
    facts="In June 2026 the complainant booked a guided tour; the agency cancelled it two days before. (Sample facts)",
    request="Refund of the price and of the visa fee.",
    currency="CNY",
    claimed=930000,
    offered=930000,
    countered=880000,
    statement="The tour was cancelled at two days' notice. I ask for the price and the visa fee.",
    answer="We cancelled because too few people had booked. We can refund most of it.",
    agreed_facts="申请人于2026年6月向被申请人预订跟团旅游，被申请人于出发前两日取消行程，双方就退款发生纠纷。（样本案情）",
    undisputed="双方确认：被申请人于2026年6月14日取消行程。",
    issues="旅游费和签证费应当退还多少。",
    responsibilities="被申请人取消行程，承担由此产生的退款责任。",
    payment="退还旅游费和部分签证费",
    payment_method="转账至申请人确认的银行账户",
    default_clause="逾期付款的，自逾期之日起按未付金额每日万分之五支付违约金。",
    costs="调解不收费。",
    release_scope="本协议履行完毕后，双方就本次预订再无争议。",
    minutes="双方均到庭，确认协议系自愿达成，理解各项条款，无恶意串通。（样本）",
    reasons="经审查，调解协议系双方自愿达成，内容明确，不违反法律强制性规定，不损害国家、社会公共利益和他人合法权益。（样本）",
)
