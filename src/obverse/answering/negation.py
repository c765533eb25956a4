"""Words by which a text says that something is *not* the answer, where they stand next to it.

A closed class of the commonest ones.  What is denied in other words ("hardly Ann") is not seen.
"""

from __future__ import annotations

BEFORE = """
not|never|neither|nor|no longer|cannot|instead of|rather than|except|without|unlike|no
not think|not believe|not think that|not believe that|not true that|not the case that
au lieu de|sauf|ni|en lugar de|em vez de|invece di|weder|anstatt
nicht|kein|keine|keiner|niemals|statt|pas|jamais|non|ne|n'est pas|nunca|não|niet|geen|inte|ikke|ei|nie|nem|bukan|tidak
không phải|không|δεν|όχι|не|ни|нет|није|ليس|ليست|لا|غير|لم|لن|نه|לא|אינו|אינה|אין|չէ|ոչ|არ|არა
不是|并非|並非|不叫|没有|沒有|ไม่ใช่|มิใช่|ບໍ່ແມ່ນ|មិនមែន
"""
"""What stands before: ``not Ann``."""

BEHIND = """
is not|was not|are not|were not|do not|does not|did not|has not|had not|have not|will not|wo not|would not
can not|ca not|could not|may not|might not|must not|should not|is never|was never|is no|was no
is wrong|is incorrect|is false|ist es nicht|war es nicht|ce n'est pas
değil|değildir|नहीं|नही|نہیں|نیست|نبود|নয়|না|அல்ல|இல்லை|አይደለም|չէ|아니다|아닙니다|아니라|아니고|아니에요|아닌
ではない|ではなく|ではありません|でない|じゃない|じゃありません|မဟုတ်|ist nicht|war nicht|n'est pas|no es|no era
non è|não é|不是|并不|並不|ไม่ใช่|не является
"""
"""What stands behind: ``Ann is not the one``."""

CLOSE_BEHIND = """
never|cannot|no longer
nicht|ne|non|não|niet|inte|ikke|nie|nem|не|לא|არ|ոչ
"""
"""What stands right behind, where a language has its denial before the verb: ``Анна не``."""

GOES_ON = """
that|but|because|who|which|only|doubt
sondern|aber|nur|mais|seulement|sino|pero|solo|sólo|solamente|ma|però|soltanto|mas|somente|maar|alleen|utan|bara|men|kun
но|только|лише|але|ale|tylko|hanem|αλλά|μόνο|ama|yalnızca|sadece|mà|بل|فقط|אלא|רק
"""
"""Behind one of these a denial before it says nothing of what comes: ``not only Ann``, ``no doubt Ann``."""
