#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_apps(visitor& v, const entry& e, std::vector<app_ref>& xs) {
  v.list(e, xs, [&](app_ref& x) {
    v.text({"appId", "App id; null or absent = any."}, x.app_id);
    v.text({"appName", "App name; null or absent = any, '' = unknown. Needs appNameLookup."}, x.app_name);
  });
}

struct name_keys {
  std::string_view section, all, exclude, include, help;
  std::string_view item_key = {};
};

void describe_names(visitor& v, const name_keys& keys, name_filter& s) {
  v.section({keys.section, keys.help}, [&] {
    v.flag({keys.all, "Accept all but the excluded ones; otherwise only the included ones."}, s.all);
    v.texts({keys.exclude, "The excluded ones."}, s.exclude, format::free, keys.item_key);
    v.texts({keys.include, "The included ones."}, s.include, format::free, keys.item_key);
  });
}

constexpr name_keys object_types{"objectType", "allObjectTypes", "allObjectTypesExclude",
                                 "someObjectTypesInclude", "Object types, such as linechart."};
constexpr name_keys methods{"method", "allMethods", "allMethodsExclude", "someMethodsInclude",
                            "Engine methods, such as GenericObject::GetLayout."};
constexpr name_keys objects{"appObject",
                            "allAppObjects",
                            "allAppObjectsExclude",
                            "someAppObjectsInclude",
                            "Object ids, each as plain text or as objectId: ID.",
                            "objectId"};

} // namespace

void describe(visitor& v, performance_settings& s) {
  v.not_served({"trackRejectedEvents"});
  v.flag({"enable", "Publish the performance events that a filter accepts."}, s.enable);
  v.active(s.enable);
  v.section({"appNameLookup", "App names, from appNames."}, [&] {
    v.flag({"enable", "Add the name of the app to each event."}, s.app_name_lookup);
  });
  v.section({"monitorFilter", "An event is published when one of the filters accepts it."}, [&] {
    v.section({"allApps", "One filter for all apps."}, [&] {
      v.flag({"enable", "Use this filter."}, s.all_apps.enable);
      v.active(s.all_apps.enable);
      describe_apps(v, {"appExclude", "Apps that are not accepted."}, s.all_apps.app_exclude);
      describe_names(v, object_types, s.all_apps.object_type);
      describe_names(v, methods, s.all_apps.method);
    });
    v.section({"appSpecific", "Filters for certain apps."}, [&] {
      v.flag({"enable", "Use these filters."}, s.app_specific.enable);
      v.active(s.app_specific.enable);
      v.list({"app", "The filters."}, s.app_specific.apps, [&](app_filter& x) {
        describe_apps(v, {"include", "Apps the filter is for."}, x.include);
        describe_names(v, object_types, x.object_type);
        describe_names(v, objects, x.object);
        describe_names(v, methods, x.method);
      });
    });
  });
}

} // namespace senseflow::config::schema
