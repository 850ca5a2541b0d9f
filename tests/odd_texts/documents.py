"""Documents as office programs and others write them, made by hand so that each of their parts can be odd."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WORD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="w"><w:body>{}</w:body></w:document>'
OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:text="t"><office:body>'
    "<office:text>{}</office:text></office:body></office:document-content>"
)


def archive(entries: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A .zip with these files in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, data in entries.items():
            packed.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return stream.getvalue()


def word(body: str, **more: str) -> bytes:
    """A .docx around the markup of its body."""
    relations = (
        '<Relationships><Relationship Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    entries = {"[Content_Types].xml": "<Types/>", "_rels/.rels": relations, "word/document.xml": WORD.format(body)}
    return archive({**entries, **more})


def word_text(paragraphs: Sequence[str]) -> bytes:
    """A .docx of plain paragraphs, each in two runs as Word likes to have it."""
    halves = ((text[: len(text) // 2], text[len(text) // 2 :]) for text in paragraphs)
    runs = ("".join(f'<w:r><w:t xml:space="preserve">{escape(half)}</w:t></w:r>' for half in two) for two in halves)
    return word("".join(f'<w:p><w:pPr><w:spacing w:after="0"/></w:pPr>{both}</w:p>' for both in runs))


def open_document(body: str, **more: str) -> bytes:
    """An .odt around the markup of its text."""
    entries = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": OPEN.format(body)}
    return archive({**entries, **more})


def flat_document(body: str) -> str:
    """A .fodt around the markup of its text."""
    return (
        '<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.text">'
        "<office:meta><dc:title>Not this</dc:title></office:meta><office:styles><style:style>no</style:style>"
        f"</office:styles><office:body><office:text>{body}</office:text></office:body></office:document>"
    )


def old_word(secret: str = "") -> bytes:
    """The beginning of a file of an old office program; of a locked new one, if something is named in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + secret.encode("utf-16-le") + bytes(1_000)


def kindle_book() -> bytes:
    """The beginning of a .mobi file."""
    return b"A_Book".ljust(32, b"\0") + bytes(28) + b"BOOKMOBI" + bytes(2_000)


def rich_text(body: str, head: str = r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}") -> str:
    """An .rtf around its body."""
    return f"{{\\rtf1{head}\n{body}\n}}"


def pdf(pages: Sequence[Sequence[str]], *, is_packed: bool = False, more: str = "") -> bytes:
    """A .pdf whose pages have these lines; Latin letters only.

    Args:
        pages: The lines of each page, from top to bottom. An empty line leaves a gap.
        is_packed: Whether what is drawn is deflated.
        more: Put into the dictionary of the trailer.
    """
    contents = []
    for lines in pages:
        drawn = ["BT /F1 11 Tf 14 TL 60 780 Td"]
        for line in lines:
            shown = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            drawn.append(f"({shown}) Tj T*" if line else "T*")
        contents.append("\n".join((*drawn, "ET")).encode("cp1252", "replace"))
    count = len(pages)
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(count))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode()]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for at, content in enumerate(contents):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * at} 0 R "
        objects.append(f"{page}/Resources << /Font << /F1 3 0 R >> >> >>".encode())
        data = zlib.compress(content) if is_packed else content
        packing = " /Filter /FlateDecode" if is_packed else ""
        objects.append(f"<< /Length {len(data)}{packing} >>\nstream\n".encode() + data + b"\nendstream")
    return pdf_of(objects, more)


def pdf_of(objects: Sequence[bytes], more: str = "") -> bytes:
    """A .pdf of these objects, numbered from 1; the first is the catalogue."""
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, written in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + written + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010d} 00000 n \n".encode() for place in places))
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R {more}>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def srt_time(seconds: float) -> str:
    """A time as SubRip writes it."""
    thousandths = round(seconds * 1_000)
    whole, rest = divmod(thousandths, 1_000)
    return f"{whole // 3_600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d},{rest:03d}"


def subtitles(cues: Sequence[str], end: str = "\n", gap: float = 0.1, length: float = 2.0) -> str:
    """A .srt file of these cues, one after another."""
    blocks = []
    for at, cue in enumerate(cues):
        start = at * (length + gap)
        blocks.append(f"{at + 1}\n{srt_time(start)} --> {srt_time(start + length)}\n{cue}\n")
    return "\n".join(blocks).replace("\n", end)


def huge_zip_entry(name: str, size: int) -> bytes:
    """A .zip whose list says that its one file has so many bytes."""
    data = bytearray(archive({name: b"a" * 100}))
    at = data.find(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", size)
    return bytes(data)


def write_document(path: Path, size: int) -> list[Path]:
    """A .docx or .odt of about so many bytes, packed: paragraphs of invented words, written piece by piece."""
    is_word = path.suffix == ".docx"
    around, entry = (WORD, "word/document.xml") if is_word else (OPEN, "content.xml")
    before, after = around.split("{}")
    dice = random.Random(size)
    words = ["".join(dice.choices("abcdefghijklmnop", k=dice.randrange(2, 9))) for _ in range(3_000)]
    paragraph = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>' if is_word else "<text:p>{}</text:p>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        if is_word:
            packed.writestr("[Content_Types].xml", "<Types/>")
        else:
            packed.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        with packed.open(entry, "w", force_zip64=True) as stream:
            stream.write(before.encode())
            while packed.fp is not None and packed.fp.tell() < size:
                texts = (" ".join(dice.choices(words, k=80)) for _ in range(100))
                stream.write("".join(map(paragraph.format, texts)).encode())
            stream.write(after.encode())
    return [path]


def write_pdf(path: Path, size: int) -> list[Path]:
    """A .pdf of about so many bytes, not packed."""
    lines = [f"{at} the cat saw a dog and then it was a cold evening in the old house of men" for at in range(40)]
    pages = max(1, size // (len(pdf([lines])) - 400))
    path.write_bytes(pdf([lines] * pages))
    return [path]
