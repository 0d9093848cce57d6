"""Which public repositories are the data made of, at which commits?"""

from __future__ import annotations

from benchmarks.data.clones import Source

RUSSIAN_GSD = Source("UniversalDependencies/UD_Russian-GSD", "5400f2fd7264b7699727bb61b09f53841899df26")
RUSSIAN_TAIGA = Source("UniversalDependencies/UD_Russian-Taiga", "3c64a056edcd5c6e2c29b3724d973729c354e016")
ENGLISH_EWT = Source("UniversalDependencies/UD_English-EWT", "15d613d8447b3478787d4c278730a1e48a945efb")
ENGLISH_GUM = Source("UniversalDependencies/UD_English-GUM", "afb41ee9bca57991125814fa04d96a0e61470c8b")

CRANFIELD = Source("noramtboraas/information-retrieval", "4ea1b8e02da1db64b68b0364d50620b3c95528dc")
CACM = Source("kavinsan/Information-Retrieval-Project", "feda4806b8d19af85753c580640d40e572f99339")
XQUAD = Source("google-deepmind/xquad", "7d30520c717524000f0d9d2f9c10a069acd9d285")
DOTNET_RU = Source("vsnedro/docs.ru-ru", "975966442934c813c250387f149f50300d6627fa")

BIRKBECK = Source("swarna93/Assignment-1-NLP", "915ecb3de4c354e5d11178b51d3013779dba4964")
CODESPELL = Source("codespell-project/codespell", "b69d26d50765ba513dbd009fce882d4de338037c")
NORVIG_TESTS = Source("crj1998/spelling-correction", "112ea1c4b9d12e2da2c8766d633685330d7604d5")
NORVIG_ERRORS = Source("sahildua2305/nlp1-norvig", "36cb4dcea902af084897d22dacf38e47c21c3aeb")
KARTASLOV = Source("dkulagin/kartaslov", "261eb5a10f558da87c5d8c0bfc51c3cd79719799")
RUSPELLRU = Source("ai-forever/sage", "9a6cd01bc44c152adef8880af7e75fbc9a344664")

NAMES = Source("steveash/NETransliteration-COLING2018", "5d5f59e561ecea45a6d3602121e1049baa7a76c3")

ABC = Source("nltk/nltk_data", "5db857e6f7df11eabb5e5665836db9ec8df07e28")
BBC = Source("dejanbatanjac/bbc-article-classify-bert", "8265dc84e88b82b87ce7f5b2df5bbbb1159ae922")
CPP_EN = Source("MicrosoftDocs/cpp-docs", "a2e592a8fc391b6aff8d1323f5b58696abdc5d57")
CPP_RU = Source("trappergor/cpp-docs.ru-ru", "78663307b833606876da4cec59cd4512b67b641a")
ENWIKI = Source("quickwit-oss/tantivy", "70f0b039f5ea92ec6c38be4904f774b9d3444e65")
PRIDE = Source("GITenberg/Pride-and-Prejudice_1342", "81db45c9c48c592f0b77f01fc59e677ad0a5634e")
SHERLOCK = Source("GITenberg/The-Adventures-of-Sherlock-Holmes_1661", "7e5dd2703fbf503c004063e96ab7c61262375e5f")
EXPECTATIONS = Source("GITenberg/Great-Expectations_1400", "889db0e100928a957f469bf834c564d04065c8e6")
WAR_AND_PEACE = Source("GITenberg/War-and-Peace_2600", "fa22ab90f00f627e83d14acabe32d91602d2365d")
LENTA = Source("mannefedov/compling_nlp_hse_course", "a21cf13ad25cffff7dbdc549412e381224610bd4")
NEREL = Source("nerel-ds/NEREL", "8f07d3e410f322d5dbf6b68b13fbf4a4aa077fe9")
PHP_EN = Source("php/doc-en", "17ddeefd6592d09dd9abcf185f56b5befc7b2d6d")
PHP_RU = Source("php/doc-ru", "4b2deded46bb09ddd25488d86723ddb12ebd5886")
PROGIT_EN = Source("progit/progit2", "55b541e9e6d747208a76a15d1f1e01463093f67b")
PROGIT_RU = Source("progit/progit2-ru", "abdb46173140c808da3e79d0fba540f0e3345d30")
REACT_EN = Source("reactjs/react.dev", "12d692da47e77cdc558b928fcfbaf4e71c6d0cec")
REACT_RU = Source("reactjs/ru.react.dev", "2361adda823b4cb04f0c46aade0303d20e6cb8a4")
REUTERS = Source("colibri17/TextCategorization", "b6c2ca3d46a2540843400890792e5165448b4516")
RUSLIT = Source("d0rj/RusLit", "4509680428729da225a73a22008133660f92bb7e")
RUST_EN = Source("rust-lang/book", "917544888a55e4da7109bdba8c88c893c0da70f4")
RUST_RU = Source("rust-lang-ru/book", "efa545aa947dac1f900970865c3f1f77c16060b5")
WIN32 = Source("MicrosoftDocs/win32", "47e64c189dcb1c1a42c221380ccf0ec81cc82d4b")
