"""XML from outside: without entities, document types or anything fetched from elsewhere."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ledger.errors import refuse

MAX_XML = 5 * 1024 * 1024


def parse_xml(data: bytes, where: str = "附件") -> Element:
    """The root of an XML text of at most 5 MB. Raises :class:`~ledger.errors.Refused`.

    A document type of any kind is refused: that is where entity bombs and outside files come in, and no
    e-invoice needs one.
    """
    if len(data) > MAX_XML:
        raise refuse("xml_too_large", "XML 超过 5 MB，不像电子凭证", where)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise refuse("xml_unsafe", "XML 里带有实体或文档类型定义，可能有害，不予接收", where) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise refuse("xml_damaged", "XML 读不懂：文件不完整或编码不对，请重新下载", where) from error
    return root
