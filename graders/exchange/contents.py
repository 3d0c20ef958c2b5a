"""Says plainly that a home is full: JupyterLab would show "Unexpected error ... [Errno 28]" and nothing to do."""

from __future__ import annotations

import errno
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado import web

FULL = (
    "홈 폴더가 가득 차서 저장하지 못했습니다. 이 창을 닫지 말고, 쓰지 않는 파일을 지운 뒤 다시 저장하십시오"
    "(휴지통 ~/.local/share/Trash도 비우십시오). 전에 저장한 내용은 그대로 있습니다. / "
    "Your home folder is full, so this was not saved. Keep this window open, delete files you do not need (and empty "
    "the trash, ~/.local/share/Trash), then save again. What was saved before is safe."
)

#: The disk has no room, or the person's quota on it has none.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class CampusContents(AsyncLargeFileManager):
    """Jupyter's own files, with words for a full home."""

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save; 507 with both languages if there is no room."""
        write: Any = super().save  # Jupyter Server types it only in parts
        try:
            return await write(model, path)
        except (web.HTTPError, OSError) as error:
            if is_out_of_room(error):
                raise web.HTTPError(507, FULL, reason="Home folder full") from error
            raise


def is_out_of_room(error: BaseException | None) -> bool:
    """Say whether a full disk or quota is behind an error, however often it was wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False
