"""Papers as people hand them in, and as attackers make them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image, ImageDraw

SECRET = (201, 33, 77)
"""A colour that stands for what must not be seen."""


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), *, exif: bool = False) -> bytes:
    """White paper with a square of SECRET at 25–50 % of both sides."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle(
        (size[0] // 4, size[1] // 4, size[0] // 2 - 1, size[1] // 2 - 1), fill=SECRET
    )
    out = io.BytesIO()
    if exif:
        held = Image.Exif()
        held[0x010F] = "PHONE-MAKER"
        held[0x8825] = {1: "N", 2: (30.0, 39.0, 0.0)}
        image.save(out, kind, exif=held)
    else:
        image.save(out, kind)
    return out.getvalue()


def pdf(text: str = "SECRET-6222021234567890", pages: int = 1) -> bytes:
    """A PDF with text on every page."""
    from weasyprint import HTML

    body = f"<p style='break-after: page'>{text}</p>" * pages
    made: bytes = HTML(string=f"<html lang='en'><title>Author's title</title>{body}</html>").write_pdf()
    return made


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


def archive(**members: bytes | str) -> bytes:
    """A ZIP; two underscores in a name stand for a slash, one at the end for the dot of ``.xml``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


OFD_ROOT = '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1"/>'
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;">]><EInvoice>&c;</EInvoice>'
)
OUTSIDE_FILE = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><EInvoice>&x;</EInvoice>'
)


def e_invoice(
    number: str = "25327000001739485410", total: str = "1060.00", net: str = "1000.00", tax: str = "60.00"
) -> bytes:
    """A fully digital e-invoice (数电发票) as XML; seller and buyer are invented."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{number}</EIid><EInvoiceTag>TEST</EInvoiceTag></Header>
<EInvoiceData>
<SellerInformation><SellerIdNum>91510100TEST0001X</SellerIdNum><SellerName>电梯公司</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>91510100TEST0002X</BuyerIdNum><BuyerName>明和苑业主大会</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>
<TotalTax-includedAmount>{total}</TotalTax-includedAmount></BasicInformation>
</EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber><IssueTime>2025-05-29 13:02:50</IssueTime></TaxSupervisionInfo>
</EInvoice>""".encode()


OLD_INVOICE = """<fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">
<fp:InvoiceCode>032001900311</fp:InvoiceCode><fp:InvoiceNo>25577301</fp:InvoiceNo><fp:IssueDate>2020年11月12日</fp:IssueDate>
<fp:TaxExclusiveTotalAmount>181.14</fp:TaxExclusiveTotalAmount><fp:TaxTotalAmount>***</fp:TaxTotalAmount>
<fp:TaxInclusiveTotalAmount>181.14</fp:TaxInclusiveTotalAmount>
<fp:Seller><fp:SellerName>某某消防公司</fp:SellerName><fp:SellerTaxID>91320111TEST0003X</fp:SellerTaxID></fp:Seller>
<fp:Buyer><fp:BuyerName>明和苑业主大会</fp:BuyerName></fp:Buyer></fp:eInvoice>"""

TAGS = """<ofd:CustomTag xmlns:ofd="http://www.ofdspec.org/2016"/>"""
TAGGED_INVOICE = """<ofd:eInvoice xmlns:ofd="http://www.ofdspec.org/2016">
<ofd:InvoiceNo><ofd:ObjectRef PageRef="1">11</ofd:ObjectRef></ofd:InvoiceNo>
<ofd:IssueDate><ofd:ObjectRef PageRef="1">12</ofd:ObjectRef></ofd:IssueDate>
<ofd:Seller><ofd:SellerName><ofd:ObjectRef PageRef="1">13</ofd:ObjectRef><ofd:ObjectRef PageRef="1">14</ofd:ObjectRef></ofd:SellerName></ofd:Seller>
<ofd:TaxInclusiveTotalAmount><ofd:ObjectRef PageRef="1">15</ofd:ObjectRef></ofd:TaxInclusiveTotalAmount></ofd:eInvoice>"""
PAGE = """<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>
<ofd:TextObject ID="11"><ofd:TextCode>25952000000123456789</ofd:TextCode></ofd:TextObject>
<ofd:TextObject ID="12"><ofd:TextCode>2025年06月03日</ofd:TextCode></ofd:TextObject>
<ofd:TextObject ID="13"><ofd:TextCode>某某</ofd:TextCode></ofd:TextObject>
<ofd:TextObject ID="14"><ofd:TextCode>绿化公司</ofd:TextCode></ofd:TextObject>
<ofd:TextObject ID="15"><ofd:TextCode>¥2,345.60</ofd:TextCode></ofd:TextObject>
</ofd:Layer></ofd:Content></ofd:Page>"""
ROOT_WITH_DATA = """<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>
<ofd:CustomData Name="发票号码">25952000000123456789</ofd:CustomData>
<ofd:CustomData Name="合计金额">2,212.83</ofd:CustomData><ofd:CustomData Name="合计税额">132.77</ofd:CustomData>
<ofd:CustomData Name="销售方纳税人识别号">91510100TEST0004X</ofd:CustomData>
</ofd:CustomDatas></ofd:DocInfo></ofd:DocBody></ofd:OFD>"""
