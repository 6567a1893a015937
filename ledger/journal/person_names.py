"""Names of the other side as everybody may read them: companies in full, people not at all.

Words don't tell a person's name for certain, so this errs towards hiding: what looks like one is not shown.
"""

from __future__ import annotations

import re

PERSON = "个人（不公开姓名）"
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤俞章葛季温邢岳施聂齐樊殷鲁庄翟申梅柳牛耿关焦左包甘祝欧焉尤柯裴翁晏凌霍虞蓝匡"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯")
_HAN = re.compile(r"[\u3400-\u9fff·]+")
_TRADE = re.compile(
    "公司|中心|集团|合作社|事务所|银行|学校|医院|超市|工厂|协会|委员会|大会|[店厂社行部局站队院所馆园坊会]$"
)
_OWNED = ("个体", "（个人）", "(个人)")


def shown_name(name: str) -> str:
    """The name, or :data:`PERSON` if it looks like that of a natural person."""
    return PERSON if looks_like_person(name) else name


def looks_like_person(name: str) -> bool:
    """Whether a name may be a person's: short, Chinese, beginning with a surname, no word of trade in it."""
    text = name.strip()
    if any(owned in text for owned in _OWNED):
        return True
    if not _HAN.fullmatch(text) or _TRADE.search(text):
        return False
    if text.startswith(_DOUBLE):
        return len(text) <= 4
    return 2 <= len(text) <= 3 and text[0] in _SURNAMES
