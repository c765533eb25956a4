"""What is written before a question, an answer and a conclusion, in the languages that models write in."""

from __future__ import annotations

COLON = "[:\uff1a\ufe55\ufe13\u0589\u055d\u17d6\u1361\u1365\u1366]"
"""What stands behind a label."""

QUESTION = (
    r"\b(?:question|q|pregunta|pergunta|frage|domanda|vraag|fråga|spørgsmål|spørsmål|kysymys|pytanie|otázka|kérdés"
    r"|întrebare|soru|câu hỏi|pertanyaan|soalan|swali|pitanje|vprašanje|питање|вопрос|питання|запитання|въпрос|прашање"
    r"|ερώτηση|հարց|კითხვა|შეკითხვა)"
    r"|问题|問題|提问|提問|(?<![\u3400-\u9fff])[问問]|質問|질문|물음|문제|คำถาม|ຄຳຖາມ|ຄໍາຖາມ|សំណួរ|မေးခွန်း|प्रश्न|सवाल|প্রশ্ন|கேள்வி|ప్రశ్న"
    r"|ಪ್ರಶ್ನೆ|ചോദ്യം|પ્રશ્ન|ਸਵਾਲ|السؤال|سؤال|سوال|پرسش|שאלה|ጥያቄ|དྲི་བ"
)
ANSWER = (
    r"\b(?:answer|a|respuesta|resposta|réponse|antwort|risposta|antwoord|svar|vastaus|odpowiedź|odpověď|odpoveď|válasz"
    r"|răspuns|cevap|yanıt|trả lời|câu trả lời|đáp án|jawaban|jawapan|jibu|odgovor|одговор|ответ|відповідь|отговор"
    r"|απάντηση|պատասխան|პასუხი)"
    r"|答案|回答|解答|答え|(?<![\u3400-\u9fff])答|답변|대답|답|정답|คำตอบ|ຄຳຕອບ|ຄໍາຕອບ|ចម្លើយ|အဖြေ|उत्तर|जवाब|উত্তর|பதில்|సమాధానం|జవాబు|ಉತ್ತರ"
    r"|ഉത്തരം|જવાબ|ਜਵਾਬ|الجواب|الإجابة|جواب|إجابة|پاسخ|תשובה|መልስ|ལན"
)
LABELLED = (
    rf"[*_#\s]*(?:(?:\w+\s+){{0,2}}(?:最终|最終|正确|正確)?(?!a\b)(?:{ANSWER})"
    r"(?:\s+(?:finale?|correct[ae]|corret+a))?(?:\s+(?:is|ist|lautet|est|es|è|é|är|er))?是?[*_]*"
    rf"\s*(?:{COLON}|\s[-\u2013\u2014]\s)|(?:{ANSWER})[*_]*\s*{COLON})[*_]*"
)
"""The whole label of an answer: ``Answer:``, ``**Final answer** -``, ``The answer is:``; case does not count."""
CONCLUSION = (
    r"conclusi(?:ons?|ón|ones|oni?)|conclus(?:ão|ões)|schlussfolgerung(?:en)?|conclusies?|wnios(?:ek|ki)|sonuç(?:lar)?"
    r"|kết luận|kesimpulan|вывод(?:ы)?|висновок|висновки|закључак|zaključak|συμπέρασμα|συμπεράσματα|եզրակացություն"
    r"|დასკვნა|结论|結論|推论|推論|결론|추론|สรุป|ข้อสรุป|ສະຫຼຸບ|សេចក្តីសន្និដ្ឋាន|နိဂုံး|निष्कर्ष|উপসংহার|முடிவு|نتیجہ|نتائج"
    r"|الاستنتاج|الاستنتاجات|الخلاصة|نتیجه|מסקנה|מסקנות|መደምደሚያ"
)
HENCE = (
    r"因此[，,]?|所以[，,]?|由此可见[，,]?|故[，,]|したがって[、,]?|よって[、,]?|それゆえ[、,]?|따라서,?\s+|그러므로,?\s+"
    r"|ดังนั้น\s*|इसलिए,?\s+|अतः,?\s+|لہذا[،,]?\s+|لذلك[،,]?\s+|إذن[،,]?\s+|بنابراین[،,]?\s+|לכן,?\s+|לפיכך,?\s+"
    r"|daher,?\s+|also,\s+|donc,?\s+|por (?:lo )?tanto,?\s+|portanto,?\s+|следовательно,?\s+|поэтому,?\s+"
)
