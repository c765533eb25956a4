"""Practice: teaching a pretrained model to read its context, on documents over fresh bindings.

Data flow: `names` and `relations` are what documents are made of, `scenes` draws what is true in one and what may be
asked, `formats` writes it down, `stream` turns it into batches, `practising` trains, and `card` says what came of it.
"""
