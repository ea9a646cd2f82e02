const verdict = document.getElementById('verdict');
const conditions = document.getElementById('conditions');

async function look() {
  try {
    const answer = await fetch('api/status');
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    const status = await answer.json();
    verdict.textContent = status.verdict.text;
    conditions.replaceChildren(...status.conditions.map((x) => {
      const line = document.createElement('li');
      line.textContent = `${x.text} ${x.next}`;
      return line;
    }));
  } catch (failed) {
    verdict.textContent = `No answer: ${failed.message}`;
  }
  setTimeout(look, 2000);
}

look();
