"""Who, what and when of a PDF: the information dictionary and its XMP twin, from the given time and nothing else."""

import hashlib
from datetime import datetime
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:identifier>{number}</dc:identifier>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{time}</xmp:CreateDate><xmp:ModifyDate>{time}</xmp:ModifyDate><xmp:CreatorTool>Comity</xmp:CreatorTool>
<pdf:Producer>Comity</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


class FixedTime:
    """Stands in for reportlab's time stamp, so that a document's dates are the given ones (UTC)."""

    def __init__(self, when: datetime) -> None:
        self.t = when.timestamp()
        self.lt = when.utctimetuple()
        self.YMDhms = tuple(self.lt)[:6]
        self.dhh = self.dmm = 0


def describe(
    document: pdfdoc.PDFDocument, *, title: str, author: str, number: str, language: str, when: datetime
) -> None:
    """Sets title, author, number, language and dates. Nothing of the machine or the moment of rendering gets in."""
    document._timeStamp = FixedTime(when)
    document.signature = hashlib.md5(usedforsecurity=False)
    information = document.info
    information.title, information.author, information.subject = title, author, number
    information.creator = information.producer = "Comity"
    document.Catalog.Lang = pdfdoc.PDFString(language)
    document.Catalog.Metadata = _packet(
        title=title, author=author, number=number, language=language, time=when.strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def _packet(**values: str) -> pdfdoc.PDFStream:
    packet = _XMP.format(**{key: escape(value) for key, value in values.items()})
    dictionary = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")})
    return pdfdoc.PDFStream(dictionary, packet.encode(), filters=[])
