"""One data file inside a PDF (ISO 32000-2, 7.11.4): the terms a machine reads, beside the text a person reads."""

from dataclasses import dataclass

from reportlab.pdfbase import pdfdoc


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed. ``name`` is plain ASCII (``terms.json``)."""

    name: str
    content: bytes
    description: str
    media_type: str = "application/json"


def embed(document: pdfdoc.PDFDocument, attachment: Attachment) -> None:
    """Makes the attachment the only embedded file of a document that is being built."""
    parameters = pdfdoc.PDFDictionary({"Size": len(attachment.content)})
    stream = pdfdoc.PDFStream(
        pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("EmbeddedFile"),
                # PDFName does not spell out the solidus (ISO 32000-2, 7.3.5); plain text is written as it is.
                "Subtype": "/" + attachment.media_type.replace("/", "#2F"),
                "Params": parameters,
            }
        ),
        attachment.content,
        filters=[pdfdoc.PDFZCompress],
    )
    name = pdfdoc.PDFString(attachment.name)
    specification = document.Reference(
        pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Filespec"),
                "F": name,
                "UF": name,
                "Desc": pdfdoc.PDFString(attachment.description),
                "AFRelationship": pdfdoc.PDFName("Data"),
                "EF": pdfdoc.PDFDictionary({"F": document.Reference(stream)}),
            }
        )
    )
    tree = pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray([name, specification])})
    document.Catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": tree})
    # reportlab writes only catalog keys it lists; /AF names the file as data of the whole document.
    document.Catalog.__NoDefault__ = [*document.Catalog.__NoDefault__, "AF"]
    document.Catalog.AF = pdfdoc.PDFArray([specification])
