"""Choosing, renewing and dismissing the trustee (选聘、续聘、解聘; 民法典 278(4), 946-948).

``course`` begins a procedure and ties it to the written notice and the owners' decision, on which tenure and
handover then rest; ``judging`` keeps candidates, criteria and points; ``notice`` counts the statutory days;
``scores`` adds points up in integers; ``leaving`` is what a handover asks;
``read`` gives one procedure with everything in it.
"""
