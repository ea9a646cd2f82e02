# Makes a source of the page's files: cmake -DFOLDER=... -DTO=... -P embed.cmake
set(entries "")
set(contents "")
foreach(file_type "index.html=text/html" "page.css=text/css" "page.js=text/javascript")
  string(REPLACE "=" ";" parts ${file_type})
  list(GET parts 0 name)
  list(GET parts 1 type)
  string(MAKE_C_IDENTIFIER ${name} id)
  file(READ ${FOLDER}/${name} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND contents "constexpr char ${id}[] = {${bytes}'\\0'};\n")
  if(name STREQUAL "index.html")
    set(name "")
  endif()
  string(APPEND entries "    {\"/${name}\", \"${type}; charset=utf-8\", {${id}, sizeof ${id} - 1}},\n")
endforeach()
file(WRITE ${TO} "#include \"runtime/admin/answers.hpp\"\n\nnamespace senseflow::runtime {\n\nnamespace {\n\n${contents}\n} // namespace\n
const std::vector<page_file>& page_files() {\n  static const std::vector<page_file> all{\n${entries}  };\n  return all;\n}\n
} // namespace senseflow::runtime\n")
