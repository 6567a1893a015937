"""The pages of a community in the order people look for them: navigation above, all of them below."""

from __future__ import annotations

MAIN_PAGES = (
    ("home", "", "总览"),
    ("entries", "/entries", "账目"),
    ("statements", "/statements", "报告"),
    ("charts", "/charts", "图表"),
    ("duties", "/duties", "公开事项"),
    ("budgets", "/budgets", "预算"),
    ("resolutions", "/resolutions", "决定"),
    ("inquiries", "/inquiries", "问答"),
    ("verify", "/verify", "核验"),
)
"""What stands above every page: name of the section, path below the community's, title."""

ALL_PAGES = (
    (
        "钱",
        (
            ("", "总览"),
            ("/entries", "逐笔账目"),
            ("/statements", "月报、季报和年报"),
            ("/charts", "图表"),
            ("/budgets", "预算"),
            ("/projects", "专项项目"),
        ),
    ),
    (
        "和谁、按什么",
        (
            ("/duties", "公开事项"),
            ("/vendors", "供应商"),
            ("/contracts", "合同"),
            ("/sites", "公共收益"),
            ("/fees", "收费标准"),
            ("/deed", "信托文件"),
            ("/trustee", "受托人"),
        ),
    ),
    (
        "大家决定",
        (
            ("/resolutions", "业主的决定"),
            ("/conference", "联席会议"),
            ("/inquiries", "质询和报修"),
            ("/evaluations", "双百分评价"),
            ("/registers", "台账和现场检查"),
        ),
    ),
    (
        "核对",
        (
            ("/verify", "怎样核验"),
            ("/words", "词语解释"),
            ("/news", "最新公开和订阅"),
            ("/audit", "审计数据"),
        ),
    ),
)
"""The map at the foot of every page: headings with path and title."""
