"""The page for whoever opens an address that there is none of, in a browser: one sentence, and the way on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, Response, render_template_string, url_for

_PAGE = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>Không có trang này – Lên Tiếng</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{{ style }}">
</head>
<body>
<header class="top"><div class="bar"><strong>Lên Tiếng</strong></div></header>
<main>
<section class="card">
<h1>Không có trang này</h1>
<p>Địa chỉ này không dẫn đến đâu. Có thể nó bị cắt mất một phần khi sao chép.</p>
<p><a href="{{ href }}">{{ label }}</a></p>
<p>Trẻ em đang gặp nguy hiểm: gọi <a href="tel:111">111</a> hoặc <a href="tel:113">113</a>.</p>
</section>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Lost:
    """`style`: the service's own style sheet. `href` and `label`: the way on. Nothing of the request is shown."""

    style: str
    href: str
    label: str

    def response(self) -> Response:
        style = url_for("static", filename=self.style)
        page = render_template_string(_PAGE, style=style, href=self.href, label=self.label)
        return Response(page, status=404, mimetype="text/html", headers={"Vary": "Accept"})


def in_a_browser(request: Request) -> bool:
    """Whether a page is asked for by name. A program that takes anything gets a problem document."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/problem+json"]
