"""What does an answer of `naidi mcp` cost an agent, in tokens and in time?

    python benchmarks/agents.py INDEX [--queries N] [--tokenizers] [--json]

INDEX is asked through the real command, over stdio, by the SDK's own client. Queries are two to four words of the titles of its
documents, half of them in each language where it has both. Before anything is measured, each must find its document.

    tools       what the list of tools costs each conversation
    budget      for searches of ten hits: the share of the budget that is used (median), the most that an answer cost, hits of ten
                that are shown, and passages of them; the same with values beside the text (--structured)
    ms          of a call, p50 and p95, client and pipe included
    cited       questions in both languages, where the corpus of these benchmarks is indexed: answered by a search and a reading or
                two, and cited by line; tokens of all answers

All tokens are estimates from above (search/agents/tokens.py). --tokenizers compares them with the tokenizers of bpe-openai and
anthropic-tokenizer, if these are installed: on passages of the documents, and on the answers.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.shared.workload import language_of, percentile
from naidi import Searcher, open_index

_SEED = 3
_BUDGETS = (200, 300, 600, 1_000, 2_000, 5_000)
_PASSAGES = 3_000
_LENGTHS = (400, 1_200, 4_000)
# A question, and what the line has that answers it.
_QUESTIONS = [
    ("how many children suffer serious injuries from vaccine reactions each year", "50 to 75 children"),
    ("how much did the UK pledge to the vaccine alliance", r"0\.53bn"),
    ("how many patients with bird flu did Menno de Jong study", "17 patients"),
    ("why will Moya not defend the Davis Cup in 2005", "focus on the Grand Slams"),
    ("where must React hooks be called", "at the top level"),
    ("какая функция php возвращает количество элементов массива", "количество элементов"),
    ("когда Мнангагва принёс присягу президента Зимбабве", "24 ноября 2017"),
    ("когда утратит силу единый налог для операторов наружной рекламы", "1 января 2012"),
    ("сколько мирных жителей погибли при обстреле Алеппо", "18 мирных"),
    ("кто поздравил Мадуро с победой на выборах в Венесуэле", "Владимир Путин"),
    ("when did Mnangagwa take the oath as president of Zimbabwe", "24 ноября 2017"),
]


def queries_of(searcher: Searcher, count: int) -> list[tuple[str, str]]:
    """(query, the id of a document that it must find), half of them in each language that there is."""
    chosen = random.Random(_SEED)
    ids = list(searcher.ids())
    chosen.shuffle(ids)
    by_language: dict[str, list[tuple[str, str]]] = {"en": [], "ru": []}
    for doc_id in ids:
        if all(len(found) >= count // 2 for found in by_language.values()):
            break
        words = re.findall(r"[^\W\d_]{4,}", searcher.get(doc_id).title)
        if len(words) < 2:
            continue
        query = " ".join(chosen.sample(words, min(len(words), chosen.choice((2, 3, 4)))))
        found = by_language[language_of(query)]
        if len(found) < count // 2:
            found.append((query, doc_id))
    return by_language["en"] + by_language["ru"]


async def measured(index: str, queries: list[tuple[str, str]], structured: bool) -> dict[str, Any]:
    """What is measured by talking to the command."""
    from mcp import Client

    from naidi.search.agents.tokens import tokens_in
    from tests.mcp_client import command

    figures: dict[str, Any] = {}
    async with Client(command(Path(index), *(["--structured"] if structured else []))) as client:
        listed = [tool.model_dump(by_alias=True, exclude_none=True) for tool in (await client.list_tools()).tools]
        figures["tools"] = tokens_in(json.dumps({"tools": listed}, ensure_ascii=False, separators=(",", ":")))
        texts: list[str] = []
        for query, _ in queries:  # warm
            await client.call_tool("search", {"query": query})
        for budget in _BUDGETS:
            costs, hits, passages, times = [], [], [], []
            for query, _ in queries:
                started = time.perf_counter()
                result = await client.call_tool("search", {"query": query, "budget": budget})
                times.append((time.perf_counter() - started) * 1000)
                text = result.content[0].text  # type: ignore[union-attr]
                assert not result.is_error, text
                values = result.structured_content
                both = "" if values is None else json.dumps(values, ensure_ascii=False, separators=(",", ":"))
                costs.append(tokens_in(text) + tokens_in(both))
                there = min(10, int(text.split()[0].replace(",", "")))
                hits.append(len(re.findall(r"^[0-9]+\. ", text, re.MULTILINE)) / there)
                passages.append(len(re.findall(r"^(?:p[0-9]+ )?[0-9][0-9-]*> ", text, re.MULTILINE)))
                texts.append(text)
            assert max(costs) <= budget, "an answer costs more than its budget"
            figures[f"search {budget}"] = {
                "share": statistics.median(cost / budget for cost in costs),
                "most": max(costs),
                "hits": statistics.mean(hits) * 10,
                "passages": statistics.mean(passages),
                "ms": (percentile(times, 50), percentile(times, 95)),
            }
        for tool, given in _other_calls(queries):
            times, costs = [], []
            for arguments in given:
                started = time.perf_counter()
                result = await client.call_tool(tool, arguments)
                times.append((time.perf_counter() - started) * 1000)
                text = result.content[0].text  # type: ignore[union-attr]
                assert not result.is_error, text
                costs.append(tokens_in(text))
                texts.append(text)
            figures[tool] = {
                "tokens": statistics.median(costs),
                "most": max(costs),
                "ms": (percentile(times, 50), percentile(times, 95)),
            }
        figures["texts"] = texts
    return figures


def _other_calls(queries: list[tuple[str, str]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    from naidi.search.agents.quoting import shown_id

    yield "read", [{"id": shown_id(doc_id), "query": query} for query, doc_id in queries]
    yield "similar", [{"id": shown_id(doc_id)} for _, doc_id in queries]
    yield "suggest", [{"text": query[:-2]} for query, _ in queries]
    yield "facets", [{"query": query} for query, _ in queries]


async def questions(index: str) -> list[dict[str, Any]]:
    """What became of each question."""
    from mcp import Client

    from tests.agent_answers import cited
    from tests.mcp_client import Conversation, command

    told = []
    async with Client(command(Path(index))) as client:
        for question, answer in _QUESTIONS:
            conversation = Conversation(client)
            try:
                line = await cited(conversation, question, answer)
            except AssertionError as error:
                line = f"NOT ANSWERED: {error}"
            told.append({"question": question, "cited": line, "tokens": conversation.tokens})
    return told


def compared(searcher: Searcher, answers: list[str]) -> dict[str, Any]:
    """How estimates and tokenizers agree: the share of texts that have no more tokens than is estimated, and medians."""
    from naidi.search.agents.tokens import tokens_in

    counters = _tokenizers()
    chosen = random.Random(_SEED)
    ids = list(searcher.ids())
    passages = []
    for doc_id in chosen.sample(ids, min(len(ids), _PASSAGES)):
        text = searcher.get(doc_id).text or ""
        length = chosen.choice(_LENGTHS)
        start = chosen.randrange(max(1, len(text) - length))
        if len(text[start : start + length]) >= 200:
            passages.append(text[start : start + length])
    figures: dict[str, Any] = {}
    for what, texts in (
        ("en", [text for text in passages if language_of(text) == "en"]),
        ("ru", [text for text in passages if language_of(text) == "ru"]),
        ("answers", answers),
    ):
        counts = [[count(text) for count in counters.values()] for text in texts]
        estimates = list(map(tokens_in, texts))
        figures[what] = {
            "texts": len(texts),
            "bounded": statistics.mean(max(each) <= most for each, most in zip(counts, estimates, strict=True)),
            **{
                name: statistics.median(each[place] / most for each, most in zip(counts, estimates, strict=True))
                for place, name in enumerate(counters)
            },
        }
    return figures


def _tokenizers() -> dict[str, Callable[[str], int]]:
    import anthropic_tokenizer
    import bpe_openai

    encodings = {name: bpe_openai.get_encoding(f"{name}_base") for name in ("o200k", "cl100k")}
    counters: dict[str, Callable[[str], int]] = {
        name: lambda text, encoding=encoding: len(encoding.encode(text)) for name, encoding in encodings.items()
    }
    return {**counters, "claude": anthropic_tokenizer.count_tokens}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("--queries", type=int, default=100, help="so many queries")
    parser.add_argument("--tokenizers", action="store_true", help="compare the estimates with real tokenizers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    import anyio

    with open_index(arguments.index) as searcher:
        queries = queries_of(searcher, arguments.queries)
        lost = [query for query, doc_id in queries if doc_id not in dict(searcher.search_ids(query, 1_000))]
        assert len(lost) <= len(queries) // 50, f"queries that do not find their document: {lost}"
        plain = anyio.run(measured, arguments.index, queries, False)
        texts = plain.pop("texts")
        structured = anyio.run(measured, arguments.index, queries, True)
        del structured["texts"]
        told = anyio.run(questions, arguments.index)
        report = {"queries": len(queries), "load": os.getloadavg()[0], "plain": plain, "structured": structured}
        # In an index of other documents none has an answer.
        report |= {"questions": told} if any("NOT" not in one["cited"] for one in told) else {}
        report |= {"tokenizers": compared(searcher, texts)} if arguments.tokenizers else {}
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(f"{len(queries)} queries, load {report['load']:.1f}; the list of tools: {plain['tools']} tokens")
    for name, values in plain.items():
        if name.startswith("search"):
            beside = structured[name]
            print(
                f"{name:>12}: {values['share']:.0%} used, most {values['most']}, {values['hits']:.1f} hits of 10, "
                f"{values['passages']:.1f} passages, {values['ms'][0]:.0f}/{values['ms'][1]:.0f} ms; with values: "
                f"{beside['share']:.0%}, most {beside['most']}, {beside['hits']:.1f} hits, {beside['passages']:.1f} passages"
            )
        elif isinstance(values, dict):
            print(
                f"{name:>12}: {values['tokens']:.0f} tokens, most {values['most']}, {values['ms'][0]:.0f}/{values['ms'][1]:.0f} ms"
            )
    for one in report.get("questions", ()):
        print(f"{one['tokens']:>5} tokens  {one['question']}\n              {one['cited'][:160]}")
    for name, values in report.get("tokenizers", {}).items():
        shares = ", ".join(f"{key} {value:.2f}" for key, value in values.items() if key not in ("texts", "bounded"))
        bounded = f"{values['texts']} texts, {values['bounded']:.2%} have no more tokens than estimated"
        print(f"{name:>8}: {bounded}; median share of the estimate: {shares}")


if __name__ == "__main__":
    main()
