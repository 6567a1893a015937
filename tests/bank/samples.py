"""Small statement files of our own making, one for each format, with what must be read from them."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from ledger.bank.amounts import yuan

WECHAT_HEADER = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
ALIPAY_HEADER = (
    "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,"
)
MERCHANT_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
CMB_HEADER = (
    "流水号,交易日,交易时间,收(付)方名称,收(付)方账号,交易类型,业务摘要,其它摘要,用途,借方金额,贷方金额,余额"
)

CMB_CORPORATE = f"""{CMB_HEADER}
A001,20260105,09:30:00,王小明,6222000011112222,转账,物业费,,3-201,,"1,200.00","11,200.00"
A002,20260105,09:30:00,电梯维保公司,110022,转账,维保,,合同8,"3,000.50",,"8,199.50"
A003,20260106,00:00:00,本行,,收费,手续费,,,5.00,,8194.50
"""

CCB_CORPORATE = """账户明细编号-交易流水号,交易时间,本方账户名称,本方账号,对方户名,对方账号,摘要,备注,\
借方发生额/元(支取),贷方发生额/元(收入),余额/元
1-9001,20260105 09:30:00,幸福里业主共有资金,4100200300,李四,6227,电子汇入,车位费,0,300.00,1300.00
1-9002,20260106 10:00:00,幸福里业主共有资金,4100200300,供电局,8800,电费,,500.00,0,800.00
"""

ICBC_CORPORATE = """交易时间,本方账号,对方单位,对方账号,摘要,附言,用途,转出金额,转入金额,余额
2026-01-06 10:00:00,020000,保洁公司,3300,转账,一月,保洁费,800.00,,700.00
2026-01-05 09:30:00,020000,赵六,6212,汇款,,物业费,,500.00,1500.00
"""

ICBC_ONE_AMOUNT = """交易时间,本方账号,对方单位,对方账号,借贷标志,发生额,余额,摘要,附言,用途
2026-01-05 09:30:00,020000,赵六,6212,贷,500.00,1500.00,汇款,,物业费
2026-01-06 10:00:00,020000,保洁公司,3300,借,800.00,700.00,转账,一月,保洁费
2026-01-06 11:00:00,020000,保洁公司,3300,借,-100.00,800.00,冲正,,保洁费
"""

ICBC_PERSONAL = """明细查询文件下载

卡号: 6222****0001,"卡别名: 无"

子账户序号: 00000,子账户类别: 活期

交易日期,摘要,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),记账币种,余额,对方户名
2026-01-06\t,"消费\t","手机银行\t","CHN\t",钞,"-\t","-\t",-,"  \t","13.40\t",人民币  ,"1,086.60\t","超市\t",
2026-01-05\t,"工资\t","  \t","CHN\t",钞,"-\t","-\t",-,"1,000.00\t","  \t",人民币  ,"1,100.00\t","甲公司\t",

人民币合计,,,,,,,,"1,000.00\t","13.40\t",
"""

ABC_CORPORATE = """交易时间,对方户名,对方账号,交易用途,摘要,支出金额,收入金额,账户余额
2026-01-05 09:30:00,钱七,6228,物业费,网银,,100.00,100.00
2026-01-05 10:30:00,钱七,6228,退款,网银,100.00,,0.00
"""

CMB_PERSONAL = """记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要
2026-01-05,CNY,"1,234.00","1,271.66",汇入,张三 66666666666666,一月
2026-01-05,CNY,"-1,000.00",271.66,转账汇款,公积金中心1111111111,
"""

BOC_PERSONAL = """中国银行交易流水明细
记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行,借记卡号
2026-01-06,12:24:20,人民币,-326.00,"3,312.17",快捷支付,银企对接,-------,支付宝,李四,Z200,-------,3167
2026-01-05,12:23:04,人民币,50.00,"3,638.17",退款,银企对接,-------,----------,李四,8000,-------,3167"""

WECHAT_PERSONAL = (
    "微信支付账单明细,,,,,,,,,,\n微信昵称：[测试],,,,,,,,,,\n共5笔记录,,,,,,,,,,\n,,,,,,,,,,\n"
    f"{WECHAT_HEADER}\n"
    '2026-01-06 12:45:27,商户消费,"米线店","套餐","支出",¥28.16,"零钱","支付成功","3985734"\t,"1298"\t,"/"\n'
    "2026-01-05 10:10:11,二维码收款,用户A,收款,收入,¥100.35,/,已收钱,3985735\t,/\t,/\n"
    "2026-01-04 10:00:00,零钱提现,招商银行(),/,/,¥100.10,工商银行,提现已到账,3985736\t,/\t,服务费¥0.10\n"
    "2026-01-03 10:00:00,零钱充值,工商银行,/,/,¥13.00,工商银行,充值完成,3985737\t,/\t,/\n"
    "2026-01-02 10:00:00,转入零钱通-来自零钱,/,/,/,¥1.23,零钱,支付成功,3985738\t,/\t,/\n"
)

ALIPAY_PERSONAL = (
    "-------\n支付宝账户：pay@example.com\n共6笔记录\n\n-----支付宝-----\n"
    f"{ALIPAY_HEADER}\n"
    "2026-01-06 21:32:14 ,日用百货   ,店铺   ,/  ,电池  ,支出   ,49.74 ,余额 ,交易成功 ,A6\t,B\t, ,\n"
    "2026-01-05 14:16:52 ,转账红包 ,王五 ,w**@x.com ,物业费 ,收入 ,1200.00 ,余额 ,交易成功 ,A5\t, \t, ,\n"
    "2026-01-04 13:00:00,退款,一卡通,/,退款-充值,不计收支,50.00,余额宝,退款成功,A3_R\t,D\t,,\n"
    "2026-01-03 13:00:00,交通出行,一卡通,/,充值卡,支出,50.00,余额宝,交易关闭,A3\t,D\t,,\n"
    "2026-01-02 13:00:00,日用百货,店铺,/,没付款,不计收支,82.00,,交易关闭,A2\t,D\t,,\n"
    "2026-01-01 13:00:00,日用百货,店铺,/,等付款,支出,9.00,,等待付款,A1\t,D\t,,\n"
)

_PAID = (
    "`2026-01-05 10:00:00,`wx1,`1900000001,`0,`,`4200001,`BILL-7,`openid1,`JSAPI,`SUCCESS,`OTHERS,`CNY,`100.00,`0.00,"
    "`0,`0,`0.00,`0.00,`,`,`物业费,`,`0.60000,`0.60%,`100.00,`0.00,`"
)
_BACK = (
    "`2026-01-05 11:00:00,`wx1,`1900000001,`0,`,`4200001,`BILL-7,`openid1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
    "`500001,`R7,`40.00,`0.00,`ORIGINAL,`SUCCESS,`物业费,`,`-0.24000,`0.60%,`0.00,`40.00,`"
)
WECHAT_MERCHANT = (
    f"{MERCHANT_HEADER}\r\n{_BACK}\r\n{_PAID}\r\n"
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
    "`2,`100.00,`40.00,`0.00,`0.36000,`100.00,`40.00\r\n"
)

CCB_PERSONAL: list[list[str | float]] = [
    ["China Construction Bank"],
    ["账\u3000\u3000号：", "6217*********1546"],
    [],
    [
        "记账日  ",
        "交易日期 ",
        "交易时间 ",
        "支出 ",
        "收入 ",
        "账户余额 ",
        "币种 ",
        "摘要 ",
        "对方账号 ",
        "对方户名 ",
        "交易地点 ",
    ],
    ["20260105", "20260105", "18:53:19", 67.0, 0.0, 2176.91, "人民币", "消费", "2088", "店铺", "支付宝"],
    ["20260106", "20260106", "19:12:59", 16.78, 0.0, 2160.13, "人民币", "消费", "2089", "便民", "支付宝"],
    ["以上数据仅供参考|具体内容请以柜台为准"],
]


def long_statement(count: int) -> str:
    """A corporate statement of ``count`` lines, oldest first, whose balances chain."""
    rows, balance = [CMB_HEADER], 0
    for number in range(count):
        fen = 1 + number * 37 % 90_000
        balance += fen
        clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
        day = 20260101 + number // 86400
        rows.append(
            f"F{number},{day},{clock},业主{number},62{number},转账,物业费,,,,{yuan(fen).replace(',', '')},"
            f"{yuan(balance).replace(',', '')}"
        )
    return "\n".join(rows) + "\n"


def xlsx(*sheets: Sequence[Sequence[str | float]], cell: str = "") -> bytes:
    """A minimal workbook; ``cell`` is raw XML added to the end of the first sheet's data."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names = [f"sheet{number}" for number in range(1, len(sheets) + 1)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/{n}.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in names
        )
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            f'spreadsheetml.sheet.main+xml"/>{parts}</Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{kind}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{kind}"><sheets>{listed}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="r{i}" Type="{kind}/worksheet" Target="worksheets/{n}.xml"/>'
            for i, n in enumerate(names, 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{links}</Relationships>'
        )
        for number, (name, rows) in enumerate(zip(names, sheets, strict=True)):
            extra = cell if number == 0 else ""
            body = "".join(f'<row r="{r}">{_cells(r, row)}</row>' for r, row in enumerate(rows, 1)) + extra
            archive.writestr(
                f"xl/worksheets/{name}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
            )
    return out.getvalue()


def _cells(number: int, row: Sequence[str | float]) -> str:
    cells = []
    for column, value in enumerate(row):
        place = f"{chr(65 + column)}{number}"
        if isinstance(value, str):
            cells.append(
                f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
            )
        else:
            cells.append(f'<c r="{place}"><v>{value!r}</v></c>')
    return "".join(cells)
